using Pipeline.Stages.Flow;

namespace Pipeline.Stages.Runs;

/// <summary>The samples of a run, and which of them were set aside or lie in failed batches of the stages that work on samples.</summary>
/// <param name="Listed">Samples that ingest was given.</param>
/// <param name="Rejected">Of these, the ones that ingest set aside.</param>
/// <param name="Training">Ids of the training samples, by batch.</param>
/// <param name="Aside">Ids that a later stage set aside.</param>
/// <param name="Failed">Ids of other samples in batches that failed.</param>
internal sealed record SampleTally(
    long Listed,
    long Rejected,
    IReadOnlyDictionary<int, IReadOnlyList<string>> Training,
    IReadOnlySet<string> Aside,
    IReadOnlySet<string> Failed
)
{
    /// <summary>Reads it from the store.</summary>
    /// <param name="shards">The run's.</param>
    /// <param name="stages">The stages after ingest that every sample passes.</param>
    /// <param name="stop">Ends the reading.</param>
    public static async Task<SampleTally> ReadAsync(RunShards shards, IReadOnlyList<string> stages, CancellationToken stop)
    {
        var all = new Dictionary<int, IReadOnlyList<string>>();
        var training = new Dictionary<int, IReadOnlyList<string>>();
        await foreach (var (batch, rows) in shards.ReadAllAsync<SplitRow>("ingest", stop))
        {
            all[batch] = [.. rows.Select(row => row.SampleId)];
            training[batch] = [.. rows.Where(row => row.Split == "train").Select(row => row.SampleId)];
        }

        var aside = new HashSet<string>(StringComparer.Ordinal);
        var failed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var stage in stages)
        {
            aside.UnionWith((await shards.QuarantineAsync(stage, stop)).Select(row => row.SampleId).OfType<string>());
            failed.UnionWith((await shards.FailedAsync(stage, stop)).SelectMany(batch => all[batch]));
        }

        failed.ExceptWith(aside);
        var rejected = (await shards.QuarantineAsync("ingest", stop)).Count;
        return new SampleTally(await shards.RowsInAsync("ingest", stop), rejected, training, aside, failed);
    }

    private sealed record SplitRow(string SampleId, string Split);
}

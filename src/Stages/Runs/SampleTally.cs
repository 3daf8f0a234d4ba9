using Pipeline.Stages.Flow;

namespace Pipeline.Stages.Runs;

/// <summary>A run's samples in numbers, and how many of them were set aside or lie in failed batches of the stages that work on samples.</summary>
/// <param name="Listed">Samples that ingest was given.</param>
/// <param name="Rejected">Of these, the ones that ingest set aside.</param>
/// <param name="Aside">Samples that a later stage set aside.</param>
/// <param name="Failed">Other samples in batches that failed.</param>
/// <param name="LeftOut">Other samples that a stage leaves out on purpose, by reason.</param>
/// <param name="Batches">The training samples, by batch.</param>
internal sealed record SampleTally(
    long Listed,
    long Rejected,
    long Aside,
    long Failed,
    IReadOnlyDictionary<string, long> LeftOut,
    IReadOnlyDictionary<int, TrainingTally> Batches
)
{
    /// <summary>Reads it from the store, a batch at a time: ids of samples that went well are not held.</summary>
    /// <param name="shards">The run's.</param>
    /// <param name="stages">The stages after ingest that every sample passes.</param>
    /// <param name="leftOut">Samples that a stage leaves out, with the reason; those that were set aside or failed are not counted among them.</param>
    /// <param name="stop">Ends the reading.</param>
    public static async Task<SampleTally> ReadAsync(
        RunShards shards,
        IReadOnlyList<string> stages,
        IReadOnlyDictionary<string, string> leftOut,
        CancellationToken stop
    )
    {
        var reasons = new Dictionary<string, long>(StringComparer.Ordinal);
        var aside = new HashSet<string>(StringComparer.Ordinal);
        var broken = new HashSet<int>();
        foreach (var stage in stages)
        {
            aside.UnionWith((await shards.QuarantineAsync(stage, stop)).Select(row => row.SampleId).OfType<string>());
            broken.UnionWith(await shards.FailedAsync(stage, stop));
        }

        var failed = 0L;
        var batches = new Dictionary<int, TrainingTally>();
        await foreach (var (batch, rows) in shards.ReadAllAsync<SplitRow>("ingest", stop))
        {
            var training = rows.Where(row => row.Split == "train").Select(row => row.SampleId).ToList();
            var asideOfThese = training.Count(aside.Contains);
            var isBroken = broken.Contains(batch);
            var reached = isBroken ? [] : rows.Select(row => row.SampleId).Where(sample => !aside.Contains(sample));
            foreach (var reason in reached.Select(sample => leftOut.GetValueOrDefault(sample)).OfType<string>())
            {
                reasons[reason] = reasons.GetValueOrDefault(reason) + 1;
            }

            failed += isBroken ? rows.Count(row => !aside.Contains(row.SampleId)) : 0;
            batches[batch] = new TrainingTally(training.Count, asideOfThese, isBroken ? training.Count - asideOfThese : 0);
        }

        var rejected = (await shards.QuarantineAsync("ingest", stop)).Count;
        return new SampleTally(await shards.RowsInAsync("ingest", stop), rejected, aside.Count, failed, reasons, batches);
    }

    private sealed record SplitRow(string SampleId, string Split);
}

/// <summary>The training samples of one batch.</summary>
/// <param name="Count">All of them.</param>
/// <param name="Aside">Those that a stage set aside.</param>
/// <param name="Failed">The others, if the batch failed in a stage; else 0.</param>
internal readonly record struct TrainingTally(int Count, int Aside, int Failed);

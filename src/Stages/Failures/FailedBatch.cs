using Pipeline.Shards.Stores;
using Pipeline.Stages.Flow;

namespace Pipeline.Stages.Failures;

/// <summary>A batch that is failed now.</summary>
/// <param name="Uri">Where its record lies.</param>
/// <param name="Record">Why.</param>
/// <param name="Claim">Who tries its last attempt again, or gave it up; null when nobody does.</param>
public sealed record FailedBatch(string Uri, FailureRecord Record, ReplayClaim? Claim)
{
    /// <summary>The group of failures with one cause that it belongs to.</summary>
    public string Group { get; } = FailureGroup.Key(Record);

    /// <summary>Whether it was given up.</summary>
    public bool IsDropped => Claim is { Dropped: true };

    /// <summary>Reads all failed batches of a run, in the order of stages and batches.</summary>
    public static async Task<IReadOnlyList<FailedBatch>> ReadAllAsync(IShardStore store, string run, CancellationToken stop)
    {
        var claims = new ReplayClaims(store);
        var failed = new List<FailedBatch>();
        var uris = (await store.ListAsync($"runs/{run}/", stop)).Where(uri => uri.EndsWith(FailureRecord.Ending, StringComparison.Ordinal));
        foreach (var uri in uris)
        {
            if (await FailureRecord.ReadAsync(store, uri, stop) is { } record)
            {
                failed.Add(new FailedBatch(uri, record, await claims.FindAsync(record.Stage, record.Batch, record.Attempts, stop)));
            }
        }

        return failed;
    }
}

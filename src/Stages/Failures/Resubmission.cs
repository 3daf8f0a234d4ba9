using System.Globalization;
using System.Security.Cryptography;
using Pipeline.Shards;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Flow;

namespace Pipeline.Stages.Failures;

/// <summary>Has what was set aside tried again: the shards of the batches in which it was go, so that the stage does these batches anew.</summary>
/// <remarks>A batch is done as a whole; for the samples that were kept the same bytes come out again. What is set aside again is in quarantine again.</remarks>
/// <param name="store">The store at the run's output directory.</param>
/// <param name="run">The run's id.</param>
/// <param name="clock">Tells the time.</param>
public sealed class Resubmission(IShardStore store, string run, TimeProvider clock)
{
    /// <summary>Opens the batches of these rows; the run must be run, or served, again then.</summary>
    /// <returns>How many batches that are.</returns>
    public async Task<int> OpenAsync(IReadOnlyList<QuarantineRow> rows, string asked, CancellationToken stop)
    {
        var batches = rows.Select(row => (row.Stage, row.Batch)).Distinct().ToList();
        await new ReplayAudit(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{clock.GetUtcNow():yyyyMMdd'T'HHmmssfff}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}"
            ),
            $"{Environment.UserName}@{Environment.MachineName}",
            clock.GetUtcNow(),
            asked,
            batches.Count,
            Dropped: false,
            []
        ).WriteAsync(store, stop);
        foreach (var (stage, batch) in batches)
        {
            // The quarantine rows stay until the stage writes them anew: killed here, the command finds them again.
            await store.DeleteAsync(ShardNames.Uri(run, stage, batch), stop);
        }

        return batches.Count;
    }
}

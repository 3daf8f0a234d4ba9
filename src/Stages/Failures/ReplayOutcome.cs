using Pipeline.Shards.Stores;

namespace Pipeline.Stages.Failures;

/// <summary>What came of one replay, as the run's files say.</summary>
/// <param name="Audit">Who asked for what.</param>
/// <param name="Done">Batches that are no longer failed.</param>
/// <param name="FailedAgain">Batches of which a later attempt failed.</param>
/// <param name="Open">Batches that are claimed and neither done nor failed again.</param>
/// <param name="Dropped">Batches that were given up.</param>
public sealed record ReplayOutcome(ReplayAudit Audit, int Done, int FailedAgain, int Open, int Dropped)
{
    /// <summary>Batches that it claimed.</summary>
    public int Claimed => Done + FailedAgain + Open + Dropped;

    /// <summary>Reads those of a run, the oldest first.</summary>
    public static async Task<IReadOnlyList<ReplayOutcome>> ReadAllAsync(IShardStore store, string run, CancellationToken stop)
    {
        var failed = (await FailedBatch.ReadAllAsync(store, run, stop)).ToDictionary(
            batch => (batch.Record.Stage, batch.Record.Batch),
            batch => batch.Record.Attempts
        );
        var claims = (await new ReplayClaims(store).ReadAllAsync(stop)).ToLookup(claim => claim.Claim.Replay, StringComparer.Ordinal);
        return
        [
            .. (await ReplayAudit.ReadAllAsync(store, stop)).Select(audit => new ReplayOutcome(
                audit,
                claims[audit.Id].Count(claim => Attempt(claim) is null),
                claims[audit.Id].Count(claim => Attempt(claim) > claim.Attempt),
                claims[audit.Id].Count(claim => Attempt(claim) == claim.Attempt && !claim.Claim.Dropped),
                claims[audit.Id].Count(claim => Attempt(claim) == claim.Attempt && claim.Claim.Dropped)
            )),
        ];

        int? Attempt(ClaimedAttempt claim) => failed.TryGetValue((claim.Stage, claim.Batch), out var attempt) ? attempt : null;
    }
}

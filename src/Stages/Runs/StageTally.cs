namespace Pipeline.Stages.Runs;

/// <summary>What became of the batches of one stage, each counted once however often it was told.</summary>
/// <param name="Done">Batches with a shard.</param>
/// <param name="Reused">Those of them whose valid shard was found.</param>
/// <param name="Failed">Batches that failed.</param>
/// <param name="Rows">Rows in the shards.</param>
/// <param name="Quarantined">Samples or variants set aside.</param>
public readonly record struct StageTally(int Done, int Reused, int Failed, long Rows, long Quarantined)
{
    internal StageTally With(Outcome outcome) => Add(outcome, 1);

    internal StageTally Less(Outcome outcome) => Add(outcome, -1);

    private StageTally Add(Outcome outcome, int sign) =>
        outcome.Content == UInt128.Zero
            ? this
            : this with
            {
                Done = Done + sign,
                Reused = Reused + (outcome.Reused ? sign : 0),
                Rows = Rows + (sign * outcome.Rows),
                Quarantined = Quarantined + (sign * outcome.Quarantined),
            };
}

/// <summary>What became of one batch.</summary>
/// <param name="Content">Hash of all its shards so far; zero for one that failed.</param>
/// <param name="Rows">Rows in its shard.</param>
/// <param name="Quarantined">Samples or variants set aside.</param>
/// <param name="Reused">True when a valid shard was found.</param>
internal readonly record struct Outcome(UInt128 Content, int Rows, int Quarantined, bool Reused);

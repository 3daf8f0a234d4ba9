using System.IO.Hashing;
using System.Text;
using Pipeline.Messages;

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
        outcome.IsFailed
            ? this
            : this with
            {
                Done = Done + sign,
                Reused = Reused + (outcome.Reused ? sign : 0),
                Rows = Rows + (sign * outcome.Rows),
                Quarantined = Quarantined + (sign * outcome.Quarantined),
            };
}

/// <summary>What became of one batch in one stage.</summary>
internal readonly record struct Outcome
{
    /// <summary>That of a batch that is done.</summary>
    public static Outcome Of(BatchReady message) =>
        new()
        {
            // Of all the shards that the batch has so far, so that it tells of the stages before too.
            Content = XxHash128.HashToUInt128(Encoding.UTF8.GetBytes(string.Join('/', message.Shards.Select(shard => shard.Content)))),
            Own = message.Shards[^1].Content,
            From = message.Shards.Count > 1 ? message.Shards[^2] : null,
            Version = message.Version,
            Newest = message.Newest,
            Rows = message.Shards[^1].Rows,
            Quarantined = message.Quarantined,
            Reused = message.Reused,
        };

    /// <summary>That of a batch that failed.</summary>
    public static Outcome Of(BatchFailed message) =>
        new()
        {
            IsFailed = true,
            Own = "",
            From = message.Shards.Count > 0 ? message.Shards[^1] : null,
            Version = message.Version,
        };

    /// <summary>True when it failed.</summary>
    public bool IsFailed { get; init; }

    /// <summary>Hash of all its shards so far; zero when it failed.</summary>
    public UInt128 Content { get; init; }

    /// <summary>Hash of the stage's own shard; empty when it failed.</summary>
    public string Own { get; init; }

    /// <summary>The shard from which it was made; null for a source, and where it is not known.</summary>
    public ShardReference? From { get; init; }

    /// <summary>The topology version with which the batch left the stage.</summary>
    public int Version { get; init; }

    /// <summary>Newest topology version that whoever made it knew; 0 when it is not known.</summary>
    public int Newest { get; init; }

    /// <summary>Rows in its shard.</summary>
    public int Rows { get; init; }

    /// <summary>Samples or variants set aside.</summary>
    public int Quarantined { get; init; }

    /// <summary>True when a valid shard was found.</summary>
    public bool Reused { get; init; }
}

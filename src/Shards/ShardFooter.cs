using System.Globalization;

namespace Pipeline.Shards;

/// <summary>A shard that another was computed from.</summary>
/// <param name="Stage">The stage that wrote it.</param>
/// <param name="Content">Its content hash, lower-case hex.</param>
public readonly record struct ShardParent(string Stage, string Content)
{
    /// <summary>As in the footer: <c>stage=contenthash</c>.</summary>
    public override string ToString() => $"{Stage}={Content}";
}

/// <summary>What a shard says about itself, in the file's key-value metadata: only what its inputs determine.</summary>
public sealed record ShardFooter
{
    /// <summary>The version of keys and meanings that this program writes; a shard of another version does not match.</summary>
    public const int CurrentSchema = 1;

    /// <summary>Version of the footer's keys and their meaning.</summary>
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>The stage that wrote the shard: lower-case letters, digits, <c>-</c> and <c>_</c>.</summary>
    public required string Stage { get; init; }

    /// <summary>Index of the batch within the run, from 0.</summary>
    public required int Batch { get; init; }

    /// <summary>Hash of all that can change the content, lower-case hex.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Images in one model call while the shard was made; 0 where no model was called. Recorded, never compared.</summary>
    public int CallSize { get; init; }

    /// <summary>The shards this one was computed from, in the stage's order of inputs.</summary>
    public IReadOnlyList<ShardParent> Parents { get; init; } = [];

    /// <summary>The run's seed.</summary>
    public long Seed { get; init; }

    /// <summary>Number of rows; the writer sets it.</summary>
    public long Rows { get; init; }

    /// <summary>Hash of names, types and values (XxHash128, lower-case hex), whatever the encoding; the writer sets it.</summary>
    public string Content { get; init; } = "";

    /// <summary>Further keys for other readers, such as <c>huggingface</c>; none may begin with <c>pipeline.</c>.</summary>
    public IReadOnlyDictionary<string, string> Extra { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>
    /// Whether this shard is the one that <paramref name="expected"/> asks for: same schema version, stage, batch, fingerprint, seed and
    /// parents in order. Call size, rows and content are what came out and are not compared.
    /// </summary>
    public bool Matches(ShardFooter expected) =>
        Schema == expected.Schema
        && Stage == expected.Stage
        && Batch == expected.Batch
        && Fingerprint == expected.Fingerprint
        && Seed == expected.Seed
        && Parents.SequenceEqual(expected.Parents);

    /// <summary>Refuses what could not be read back.</summary>
    /// <exception cref="ArgumentException">A value cannot be written; the message names it.</exception>
    internal void Check()
    {
        Require(ShardNames.IsStage(Stage), "stage", Stage, "lower-case letters, digits, '-' and '_'");
        Require(Batch >= 0, "batch", Batch.ToString(CultureInfo.InvariantCulture), "0 or more");
        Require(ShardNames.IsHex(Fingerprint), "fingerprint", Fingerprint, "lower-case hexadecimal digits");
        Require(CallSize >= 0, "call size", CallSize.ToString(CultureInfo.InvariantCulture), "0 or more images");
        foreach (var parent in Parents)
        {
            Require(ShardNames.IsStage(parent.Stage), "parent's stage", parent.Stage, "lower-case letters, digits, '-' and '_'");
            Require(ShardNames.IsHex(parent.Content), "parent's content hash", parent.Content, "lower-case hexadecimal digits");
        }

        foreach (var key in Extra.Keys)
            Require(!key.StartsWith(FooterKeys.Prefix, StringComparison.Ordinal), "extra key", key, "outside 'pipeline.'");
    }

    private static void Require(bool holds, string what, string found, string wanted)
    {
        if (!holds)
            throw new ArgumentException($"The footer's {what} is '{found}'; it must be {wanted}. Correct what the stage passes.");
    }
}

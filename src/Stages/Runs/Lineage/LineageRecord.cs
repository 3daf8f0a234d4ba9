namespace Pipeline.Stages.Runs.Lineage;

/// <summary>All that a run's files say of one sample or variant.</summary>
public sealed record LineageRecord
{
    /// <summary>Which one.</summary>
    public required LineageSubject Subject { get; init; }

    /// <summary>The run: its id, pipeline, seed and state.</summary>
    public required RunFile Run { get; init; }

    /// <summary>What became of it in all.</summary>
    public required LineageState Outcome { get; init; }

    /// <summary>The stage that decided the outcome, and its reason; null when nothing stopped it.</summary>
    public string? Reason { get; init; }

    /// <summary>Every stage of the pipeline, in its order.</summary>
    public required IReadOnlyList<LineageStep> Stages { get; init; }

    /// <summary>The variants of a sample, in the order of their shards; empty for a variant.</summary>
    public IReadOnlyList<LineageVariant> Variants { get; init; } = [];
}

/// <summary>One stage's part.</summary>
public sealed record LineageStep
{
    /// <summary>The stage's name.</summary>
    public required string Stage { get; init; }

    /// <summary>Its kind.</summary>
    public required string Kind { get; init; }

    /// <summary>The kind's version, which is raised when equal input gives other output.</summary>
    public required int Version { get; init; }

    /// <summary>The stages that it follows.</summary>
    public required IReadOnlyList<string> After { get; init; }

    /// <summary>Every option with its value, the backend among them.</summary>
    public required IReadOnlyDictionary<string, object?> Options { get; init; }

    /// <summary>Model files that the options name, with their hash; a file that is gone has none.</summary>
    public required IReadOnlyList<LineageFile> Files { get; init; }

    /// <summary>Models that the options name, as the run's lock has them.</summary>
    public IReadOnlyList<LineageModel> Models { get; init; } = [];

    /// <summary>Artifacts that it needs, with the stage that makes each.</summary>
    public required IReadOnlyDictionary<string, string> Artifacts { get; init; }

    /// <summary>What became of the sample or variant here.</summary>
    public required LineageState State { get; init; }

    /// <summary>Why; null where the state says it all.</summary>
    public string? Reason { get; init; }

    /// <summary>What the stage wrote of it, by column, without images.</summary>
    public IReadOnlyDictionary<string, object?> Values { get; init; } = new Dictionary<string, object?>(StringComparer.Ordinal);

    /// <summary>The shard that holds it; null when there is none.</summary>
    public LineageShard? Shard { get; init; }
}

/// <summary>A file that decides what a stage makes.</summary>
/// <param name="Path">As the options name it.</param>
/// <param name="Hash">Of its bytes now; null when it is gone.</param>
public sealed record LineageFile(string Path, string? Hash);

/// <summary>A model that decides what a stage makes.</summary>
/// <param name="Name">As the options name it.</param>
/// <param name="Revision">The commit, branch or tag; null where there is none.</param>
/// <param name="Licence">An SPDX id or an address; null when the model's files do not say it.</param>
/// <param name="Content">Hash of its files; null when the run's lock does not hold it.</param>
public sealed record LineageModel(string Name, string? Revision, string? Licence, string? Content);

/// <summary>Where a row lies, and what the shard was made from.</summary>
/// <param name="Uri">Relative to the output directory.</param>
/// <param name="Content">Hash of its values.</param>
/// <param name="Fingerprint">Hash of options, seed, artifacts and model files that decided it.</param>
/// <param name="Seed">The run's seed, by which every draw is keyed.</param>
/// <param name="CallSize">Images in one model call; 0 where no model was called.</param>
/// <param name="Rows">Indices of its rows, from 0.</param>
/// <param name="Parents">The shards that it was computed from, as <c>stage=contenthash</c>.</param>
/// <param name="Seconds">From the batch's arrival to its shard, all rows together; null where no log is left.</param>
/// <param name="Topology">The version of the run's topology that the batch went through; null where no log is left.</param>
/// <param name="Plugin">SHA-256 of the version of the plugin that made it; null for a stage of the program.</param>
public sealed record LineageShard(
    string Uri,
    string Content,
    string Fingerprint,
    long Seed,
    int CallSize,
    IReadOnlyList<int> Rows,
    IReadOnlyList<string> Parents,
    double? Seconds,
    int? Topology,
    string? Plugin
);

/// <summary>One variant of a sample, in short.</summary>
/// <param name="VariantId">32 hexadecimal digits.</param>
/// <param name="Stage">The stage that made it.</param>
/// <param name="Prompt">What it was asked to show; null where its stage has no such column.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Reason">Why.</param>
public sealed record LineageVariant(string VariantId, string Stage, string? Prompt, LineageState Outcome, string? Reason);

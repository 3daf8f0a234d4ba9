using Pipeline.Shards;

namespace Pipeline.Stages.Export;

/// <summary>What is exported.</summary>
public sealed record ExportRequest
{
    /// <summary>The run's shards.</summary>
    public required IRunShards Shards { get; init; }

    /// <summary>The folder that the uris of the ingest shards are relative to.</summary>
    public required string InputRoot { get; init; }

    /// <summary>Names of the classes; a label is an index into it.</summary>
    public required IReadOnlyList<string> ClassNames { get; init; }

    /// <summary>The stage whose shards hold the originals.</summary>
    public string Ingest { get; init; } = "ingest";

    /// <summary>The stages whose shards hold edits (<c>sample_id</c>, <c>variant_id</c>, <c>prompt</c>, <c>image</c>).</summary>
    public IReadOnlyList<string> Editing { get; init; } = [];

    /// <summary>
    /// Further stages whose columns are added: to originals those of shards without <c>variant_id</c> (a caption), to edits those of shards
    /// with it (a verdict).
    /// </summary>
    public IReadOnlyList<string> Describing { get; init; } = [];

    /// <summary>The edits that go into the training set, in any order.</summary>
    public IReadOnlyList<ExportEdit> Selected { get; init; } = [];

    /// <summary>Samples that are quarantined or failed: left out, and their edits with them.</summary>
    public IReadOnlySet<string> LeftOut { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Samples that a stage leaves out on purpose, with the reason, and their edits with them.</summary>
    public IReadOnlyDictionary<string, string> Dropped { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What the card tells of how the data set was made.</summary>
    public ExportFacts Facts { get; init; } = new();

    /// <summary>Stage, fingerprint, parents and seed for the footers; batch and <c>huggingface</c> are set here.</summary>
    public required ShardFooter Footer { get; init; }
}

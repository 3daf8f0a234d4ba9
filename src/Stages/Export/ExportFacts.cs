namespace Pipeline.Stages.Export;

/// <summary>What the run knows of how its data set was made, for the card: nothing of when, where or how fast.</summary>
public sealed record ExportFacts
{
    /// <summary>The pipeline's name.</summary>
    public string Pipeline { get; init; } = "pipeline";

    /// <summary>The stages that had a part in it, in the pipeline's order.</summary>
    public IReadOnlyList<StageFacts> Stages { get; init; } = [];

    /// <summary>The backends of all stages, each once.</summary>
    public IEnumerable<string> Backends =>
        (from stage in Stages select stage.Backend)
            .OfType<string>()
            .Distinct(StringComparer.Ordinal);

    /// <summary>What stages made for others, by name.</summary>
    public IReadOnlyList<ArtifactFacts> Artifacts { get; init; } = [];

    /// <summary>Samples and edits that were set aside or failed, by stage and then by reason.</summary>
    public IReadOnlyList<SetAside> SetAside { get; init; } = [];

    /// <summary>What the selection came to; null where nothing says it.</summary>
    public SelectionFacts? Selection { get; init; }
}

/// <summary>A stage as it was set.</summary>
/// <param name="Name">In the pipeline.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Version">Raised when its output changes.</param>
/// <param name="Backend">The word that its settings have for its model; null where it has none.</param>
/// <param name="Options">Settings that can change what it writes, as text, in ordinal order; a file stands there by its name without folders.</param>
/// <param name="Files">Files that its settings name.</param>
public sealed record StageFacts(
    string Name,
    string Kind,
    int Version,
    string? Backend,
    IReadOnlyList<(string Name, string Value)> Options,
    IReadOnlyList<FileFacts> Files
)
{
    /// <summary>Models that its settings name.</summary>
    public IReadOnlyList<ModelFacts> Models { get; init; } = [];
}

/// <summary>A model that a stage used.</summary>
/// <param name="Name">As the settings have it; a folder without those above it.</param>
/// <param name="Revision">The commit, branch or tag; null where there is none.</param>
/// <param name="Licence">An SPDX id or an address; null when the model's files do not say it.</param>
/// <param name="IsRestricted">Whether the licence restricts its use, so that a person had to accept it.</param>
/// <param name="Content">Hash of its files, lower-case hexadecimal.</param>
public sealed record ModelFacts(string Name, string? Revision, string? Licence, bool IsRestricted, string Content);

/// <summary>A file of a model.</summary>
/// <param name="Name">Without folders.</param>
/// <param name="Hash">XxHash128 of its bytes, lower-case hexadecimal.</param>
public sealed record FileFacts(string Name, string Hash);

/// <summary>What a stage made for others, such as a classifier.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Stage">Who made it.</param>
/// <param name="Content">Hash of what it holds, lower-case hexadecimal.</param>
/// <param name="Files">Files that its maker began with, such as published weights, where its maker is not among the stages.</param>
public sealed record ArtifactFacts(string Name, string Stage, string Content, IReadOnlyList<FileFacts> Files)
{
    /// <summary>Models that its maker began with, where its maker is not among the stages.</summary>
    public IReadOnlyList<ModelFacts> Models { get; init; } = [];
}

/// <summary>Samples or edits that are not in the data set because something was wrong with them.</summary>
/// <param name="Stage">Where.</param>
/// <param name="Reason">Kind of the error, or <c>failed batch</c>.</param>
/// <param name="Count">How many samples or edits; of failed batches, how many batches.</param>
public sealed record SetAside(string Stage, string Reason, int Count);

/// <summary>Edits chosen and not chosen.</summary>
/// <param name="Selected">Edits chosen, those that were drawn twice counted twice.</param>
/// <param name="Dropped">Edits not chosen, by reason.</param>
/// <param name="Shortfalls">Classes with fewer edits than were wanted.</param>
public sealed record SelectionFacts(
    int Selected,
    IReadOnlyDictionary<string, int> Dropped,
    IReadOnlyList<(int Label, int Wanted, int Got)> Shortfalls
);

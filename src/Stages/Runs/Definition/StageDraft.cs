using Pipeline.Sdk;

namespace Pipeline.Stages.Runs.Definition;

/// <summary>A stage as far as the file could be understood.</summary>
/// <param name="Name">The stage's name.</param>
/// <param name="Where"><c>source:line</c> of the stage.</param>
/// <param name="After">What it follows, as the file says or by default; may name no stage.</param>
/// <param name="Kind">Null when the kind is unknown.</param>
/// <param name="Options">Null when the kind is unknown.</param>
internal sealed record StageDraft(string Name, string Where, IReadOnlyList<string> After, IStageKind? Kind, IStageOptions? Options);

namespace Pipeline.Stages.Runs.Topology;

/// <summary>A stage that is to join a pipeline.</summary>
/// <param name="Name">Its name; none of the pipeline's stages has it.</param>
/// <param name="Kind">What it does: a kind's name.</param>
/// <param name="After">The stage that it follows.</param>
/// <param name="Before">The stage that follows it from then on instead of <paramref name="After"/>; null for a side branch, which nobody follows.</param>
/// <param name="Sets">Its options, <c>option=value</c> or <c>name.option=value</c> each, taken in order.</param>
public sealed record StageAddition(string Name, string Kind, string After, string? Before, IReadOnlyList<string> Sets);

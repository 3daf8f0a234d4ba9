using Pipeline.Sdk;

namespace Pipeline.Stages.Hash;

/// <summary>Settings of the hashing stages.</summary>
public sealed record HashOptions : IStageOptions
{
    /// <summary>Images decoded at one time, 1 to 256; 0 for one a core.</summary>
    [ContentNeutral]
    public int Workers { get; init; }

    /// <inheritdoc/>
    public IEnumerable<string> Faults(string stage) =>
        Workers is >= 0 and <= 256
            ? []
            : [$"{stage}.workers is {Workers}; it must be between 0 (one a core) and 256. Set it in the pipeline file or with --set."];
}

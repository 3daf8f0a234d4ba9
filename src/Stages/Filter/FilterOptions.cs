using Pipeline.Models.Training;
using Pipeline.Sdk;

namespace Pipeline.Stages.Filter;

/// <summary>Settings of the confidence filter.</summary>
public sealed record FilterOptions : IStageOptions
{
    /// <summary>Whose threshold an edit is held against: the assigned label's (ALIA's released code) or the predicted label's (its paper).</summary>
    public ThresholdRule Rule { get; init; } = ThresholdRule.Assigned;

    /// <summary>Images in one model call, 1 to 1024; shorter calls are padded to it.</summary>
    public int CallSize { get; init; } = 32;

    /// <summary>Threads of a model call, 1 to 256; changes results in their last bits.</summary>
    public int Threads { get; init; } = 2;

    /// <inheritdoc/>
    public IEnumerable<string> Faults(string stage)
    {
        if (CallSize is < 1 or > 1024)
        {
            yield return $"{stage}.callSize is {CallSize}; it must be between 1 and 1024 images. Set it in the pipeline file or with --set.";
        }

        if (Threads is < 1 or > 256)
        {
            yield return $"{stage}.threads is {Threads}; it must be between 1 and 256. Set it in the pipeline file or with --set.";
        }
    }
}

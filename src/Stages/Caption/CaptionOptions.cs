using Pipeline.Sdk;

namespace Pipeline.Stages.Caption;

/// <summary>Settings of the caption stage.</summary>
public sealed record CaptionOptions : IStageOptions
{
    /// <summary>What writes the captions: <c>statistics</c>, from measured image statistics.</summary>
    public string Backend { get; init; } = "statistics";

    /// <summary>Images in one model call, 1 to 1024; 16 keeps both cores busy and little in memory.</summary>
    public int MicroBatch { get; init; } = 16;

    /// <summary>Images decoded at one time, 1 to 256; 0 for one a core.</summary>
    [ContentNeutral]
    public int Workers { get; init; }

    /// <inheritdoc/>
    public IEnumerable<string> Faults(string stage)
    {
        if (Backend != "statistics")
        {
            yield return $"{stage}.backend is '{Backend}'; it must be statistics. Set it in the pipeline file or with --set.";
        }

        if (MicroBatch is < 1 or > 1024)
        {
            yield return $"{stage}.microBatch is {MicroBatch}; it must be between 1 and 1024 images. Set it in the pipeline file or with --set.";
        }

        if (Workers is < 0 or > 256)
        {
            yield return $"{stage}.workers is {Workers}; it must be between 0 (one a core) and 256. Set it in the pipeline file or with --set.";
        }
    }
}

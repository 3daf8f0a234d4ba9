namespace Pipeline.Stages.Train;

/// <summary>The trainings that can be asked for: which images, and which augmentation.</summary>
public static class TrainingNames
{
    /// <summary>The training images as they came.</summary>
    public const string Original = "original";

    /// <summary>The training images and the kept edits.</summary>
    public const string OriginalAndKept = "original+kept";

    /// <summary>The training images under RandAugment: a baseline.</summary>
    public const string RandAugment = "original+randaugment";

    /// <summary>The training images under CutMix: a baseline.</summary>
    public const string CutMix = "original+cutmix";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Original, OriginalAndKept, RandAugment, CutMix];
}

using Pipeline.Models.Images;

namespace Pipeline.Models.Training;

/// <summary>How the learning rate falls from epoch to epoch.</summary>
public enum LearningRateSchedule
{
    /// <summary>Half a cosine from the full rate in the first epoch to 0 after the last.</summary>
    Cosine,

    /// <summary>A tenth from each milestone on.</summary>
    Steps,

    /// <summary>The full rate throughout.</summary>
    Constant,
}

/// <summary>What is done to training images besides flipping.</summary>
public enum Augmentation
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Cubuk et al. 2020 with torchvision's defaults: 2 operations, magnitude 9 of 31 bins.</summary>
    RandAugment,

    /// <summary>Yun et al. 2019 as ALIA's baseline has it: beta 1, probability 0.5, up to 2 pastes a sample.</summary>
    CutMix,
}

/// <summary>Everything that decides a training but data, seed and steps.</summary>
public sealed record TrainingRecipe
{
    /// <summary><c>resnet18</c> or <c>resnet50</c>.</summary>
    public string Architecture { get; init; } = "resnet18";

    /// <summary>Pixels of the square images' sides; 32 to 1024.</summary>
    public int ImageSize { get; init; } = 64;

    /// <summary>How pictures are brought to that size.</summary>
    public ResizeQuality Resize { get; init; } = ResizeQuality.Scaled;

    /// <summary>Images in one step; 2 to 4096 (batch normalisation needs two).</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>The rate of the first epoch; more than 0, at most 10.</summary>
    public double LearningRate { get; init; } = 0.01;

    /// <summary>Share of the last step that is kept; 0 or more, less than 1. ALIA: 0.9.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Weight decay (L2) on every parameter; 0 to 1. ALIA: 1e-4.</summary>
    public double WeightDecay { get; init; } = 1e-4;

    /// <summary>Epochs; 1 to 10,000.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>
    /// Share of the epochs, from the first on, of which none is chosen by validation; 0 or more, less than 1. ALIA: 0. While the rate is high and the
    /// means of batch normalisation are young, an epoch is best by luck: more so the fewer validation images there are.
    /// </summary>
    public double SettlingShare { get; init; }

    /// <summary>How the rate falls. ALIA: cosine.</summary>
    public LearningRateSchedule Schedule { get; init; } = LearningRateSchedule.Cosine;

    /// <summary>Epochs (from 0) at which <see cref="LearningRateSchedule.Steps"/> divides the rate by 10; rising, each below <see cref="Epochs"/>.</summary>
    public IReadOnlyList<int> Milestones { get; init; } = [];

    /// <summary>Whether a class weighs w = (1/n) / max(1/n) in the loss (ALIA), so that the rarest class weighs 1.</summary>
    public bool ClassWeights { get; init; } = true;

    /// <summary>Whether ImageNet's mean and deviation are taken off; otherwise pixels are 0 to 1.</summary>
    public bool Normalise { get; init; } = true;

    /// <summary>What is done to training images.</summary>
    public Augmentation Augmentation { get; init; } = Augmentation.None;

    /// <summary>Whether a training image is mirrored half of the time.</summary>
    public bool Flip { get; init; } = true;

    /// <summary>CPU threads of a step; 1 to 256. Part of the recipe because sums are taken in another order with another number.</summary>
    public int Threads { get; init; } = 2;

    /// <summary>Every setting that is out of range, one sentence each; empty if the recipe can be trained.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        Check(faults, "architecture", Architecture, Architecture is "resnet18" or "resnet50", "resnet18 or resnet50");
        Check(faults, "imageSize", ImageSize, ImageSize is >= 32 and <= 1024, "between 32 and 1024 pixels");
        Check(faults, "batchSize", BatchSize, BatchSize is >= 2 and <= 4096, "between 2 and 4096 images");
        Check(faults, "learningRate", LearningRate, LearningRate is > 0 and <= 10, "more than 0 and at most 10");
        Check(faults, "momentum", Momentum, Momentum is >= 0 and < 1, "at least 0 and less than 1");
        Check(faults, "weightDecay", WeightDecay, WeightDecay is >= 0 and <= 1, "between 0 and 1");
        Check(faults, "epochs", Epochs, Epochs is >= 1 and <= 10_000, "between 1 and 10000 epochs");
        Check(faults, "settlingShare", SettlingShare, SettlingShare is >= 0 and < 1, "at least 0 and less than 1");
        Check(faults, "schedule", Schedule, Enum.IsDefined(Schedule), "cosine, steps or constant");
        Check(faults, "augmentation", Augmentation, Enum.IsDefined(Augmentation), "none, randaugment or cutmix");
        Check(faults, "threads", Threads, Threads is >= 1 and <= 256, "between 1 and 256 threads");
        var rising = Milestones.Zip(Milestones.Skip(1)).All(pair => pair.First < pair.Second);
        var within = Milestones.All(epoch => epoch >= 1 && epoch < Epochs);
        Check(faults, "milestones", $"[{string.Join(", ", Milestones)}]", rising && within, $"rising epochs between 1 and {Epochs - 1}");
        return faults;
    }

    /// <summary>Whether an epoch, counted from 0, may be the training's result; the last always may.</summary>
    public bool MayChoose(int epoch) => epoch >= (int)(SettlingShare * Epochs);

    /// <summary>The rate of one epoch, counted from 0.</summary>
    public double LearningRateAt(int epoch) =>
        Schedule switch
        {
            LearningRateSchedule.Cosine => LearningRate * 0.5 * (1 + Math.Cos(Math.PI * epoch / Epochs)),
            LearningRateSchedule.Steps => LearningRate * Math.Pow(0.1, Milestones.Count(milestone => milestone <= epoch)),
            _ => LearningRate,
        };

    private static void Check<T>(List<string> faults, string name, T value, bool good, string wanted)
    {
        if (!good)
        {
            faults.Add(FormattableString.Invariant($"{name} is {value}; it must be {wanted}."));
        }
    }
}

using Pipeline.Models.Images;
using Pipeline.Models.Training;

namespace Pipeline.Stages.Train;

/// <summary>The named recipes, and what the options change in them.</summary>
public static class TrainRecipes
{
    /// <summary>The recipe for small images on two cores.</summary>
    internal const string Small = "small";

    /// <summary>The recipe of ALIA's released configurations.</summary>
    internal const string Alia = "alia";

    /// <summary>The word for fresh weights.</summary>
    internal const string Scratch = "scratch";

    /// <summary>The augmentations by their words in the options.</summary>
    internal static readonly IReadOnlyDictionary<string, Augmentation> Augmentations = new Dictionary<string, Augmentation>(
        StringComparer.Ordinal
    )
    {
        ["none"] = Augmentation.None,
        ["randaugment"] = Augmentation.RandAugment,
        ["cutmix"] = Augmentation.CutMix,
    };

    /// <summary>
    /// Small images from fresh weights, on two cores: stochastic gradient descent with momentum and half a cosine, flips, and the best epoch of the second
    /// half. On the sample data neither another rate (0.003, 0.01, 0.05), batch (16), length (30 epochs), warm-up, random crops nor RandAugment was better.
    /// </summary>
    private static readonly TrainingRecipe SmallImages = new()
    {
        Architecture = "resnet18",
        ImageSize = 64,
        BatchSize = 32,
        LearningRate = 0.02,
        Epochs = 10,
        SettlingShare = 0.5,
        Flip = true,
    };

    /// <summary>Dunlap et al. 2023 for Waterbirds and iWildCam: their <c>main.py</c> and configurations; 100 epochs of batch 128, no crop, no flip.</summary>
    private static readonly TrainingRecipe PublishedAlia = new()
    {
        Architecture = "resnet50",
        ImageSize = 224,
        Resize = ResizeQuality.Bilinear,
        BatchSize = 128,
        LearningRate = 0.001,
        Epochs = 100,
        Flip = false,
    };

    /// <summary>The recipe that the options name, with what they override.</summary>
    /// <param name="options">Without faults.</param>
    public static TrainingRecipe Resolve(TrainOptions options)
    {
        var recipe = options.Recipe == Alia ? PublishedAlia : SmallImages;
        return recipe with
        {
            Architecture = options.Architecture ?? recipe.Architecture,
            ImageSize = options.ImageSize ?? recipe.ImageSize,
            Resize = options.Resize ?? recipe.Resize,
            BatchSize = options.Batch ?? recipe.BatchSize,
            Epochs = options.Epochs ?? recipe.Epochs,
            LearningRate = options.LearningRate ?? recipe.LearningRate,
            Augmentation = options.Augmentation is { } word ? Augmentations[word] : recipe.Augmentation,
            ClassWeights = options.ClassWeights ?? recipe.ClassWeights,
            Normalise = options.Normalise ?? recipe.Normalise,
            Threads = options.Threads,
        };
    }

    /// <summary>The recipe of one training: <see cref="Resolve"/>, with the augmentation that the training's name asks for.</summary>
    public static TrainingRecipe For(TrainOptions options, string training)
    {
        var recipe = Resolve(options);
        return training switch
        {
            TrainingNames.RandAugment => recipe with { Augmentation = Augmentation.RandAugment },
            TrainingNames.CutMix => recipe with { Augmentation = Augmentation.CutMix },
            _ => recipe,
        };
    }
}

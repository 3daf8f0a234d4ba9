using Pipeline.Models.Images;
using Pipeline.Models.Weights;
using Pipeline.Sdk;

namespace Pipeline.Stages.Train;

/// <summary>Settings of the train stage. What is null is the recipe's.</summary>
public sealed record TrainOptions : IStageOptions
{
    /// <summary><c>small</c> (ResNet-18 at 64 pixels, minutes on two cores) or <c>alia</c> (ResNet-50 at 224 pixels, published weights).</summary>
    public string Recipe { get; init; } = "small";

    /// <summary><c>resnet18</c> or <c>resnet50</c>.</summary>
    public string? Architecture { get; init; }

    /// <summary>Pixels of the square input's sides; 32 to 1024.</summary>
    public int? ImageSize { get; init; }

    /// <summary><c>scaled</c> (the small recipe's: fastest), <c>bilinear</c> (alia's: as published weights saw their pictures) or <c>bicubic</c>; the filter resizes alike.</summary>
    public ResizeQuality? Resize { get; init; }

    /// <summary>Images in one step; 2 to 4096.</summary>
    public int? Batch { get; init; }

    /// <summary>Epochs of every training; 1 to 10,000.</summary>
    public int? Epochs { get; init; }

    /// <summary>Rate of the first epoch; more than 0, at most 10.</summary>
    public double? LearningRate { get; init; }

    /// <summary><c>none</c>, <c>randaugment</c> or <c>cutmix</c>; of the trainings that do not name one themselves.</summary>
    public string? Augmentation { get; init; }

    /// <summary>Whether rare classes weigh more in the loss.</summary>
    public bool? ClassWeights { get; init; }

    /// <summary>Whether ImageNet's mean and deviation are taken off the pixels.</summary>
    public bool? Normalise { get; init; }

    /// <summary>Repetitions of each training; 1 to 100.</summary>
    public int Seeds { get; init; } = 1;

    /// <summary>
    /// What is trained, each once: of <see cref="TrainingNames.All"/>, and always <c>original</c>, which the filter and every comparison need.
    /// </summary>
    public IReadOnlyList<string> Trainings { get; init; } = [TrainingNames.Original, TrainingNames.OriginalAndKept];

    /// <summary>A safetensors file with the weights to start from, or <c>scratch</c>. Null is scratch for recipe <c>small</c> and a fault for <c>alia</c>.</summary>
    public string? Init { get; init; }

    /// <summary>CPU threads of a step; 1 to 256. Part of the content: another number changes the last bits of the weights.</summary>
    public int Threads { get; init; } = 2;

    /// <summary><c>cpu</c> or <c>cuda</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>The file of <see cref="Init"/>; null for fresh weights.</summary>
    internal string? InitialWeights => Init is null or TrainRecipes.Scratch ? null : Init;

    /// <inheritdoc/>
    IEnumerable<string> IStageOptions.Files => InitialWeights is { } path ? [path] : [];

    /// <inheritdoc/>
    public IEnumerable<string> Faults(string stage)
    {
        foreach (var (name, value, good, wanted) in Checks())
        {
            if (!good)
            {
                yield return FormattableString.Invariant(
                    $"{stage}.{name} is {value ?? "missing"}; it must be {wanted}. Set it in the pipeline file or with --set."
                );
            }
        }

        if (Init is null && Recipe == TrainRecipes.Alia)
        {
            yield return $"{stage}.init is missing; the recipe alia must start from published weights. "
                + $"Set {stage}.init=PATH (a safetensors file), or {stage}.init=scratch to start from fresh weights.";
        }

        if (InitialWeights is { } path && WeightsFault(path) is { } fault)
        {
            yield return $"{stage}.init is {path}, and {fault}; it must be a safetensors file or scratch. "
                + $"Set {stage}.init=PATH or {stage}.init=scratch.";
        }
    }

    private static string? WeightsFault(string path)
    {
        try
        {
            using var file = SafetensorsFile.Read(path);
            return null;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return "no file is there";
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return $"the file cannot be read ({error.Message.TrimEnd('.')})";
        }
    }

    private IEnumerable<(string Name, object? Value, bool Good, string Wanted)> Checks()
    {
        yield return ("recipe", Recipe, Recipe is TrainRecipes.Small or TrainRecipes.Alia, "small or alia");
        yield return ("architecture", Architecture, Architecture is null or "resnet18" or "resnet50", "resnet18 or resnet50");
        yield return ("imageSize", ImageSize, ImageSize is null or (>= 32 and <= 1024), "between 32 and 1024 pixels");
        yield return ("resize", Resize, Resize is not { } quality || Enum.IsDefined(quality), "scaled, bilinear or bicubic");
        yield return ("batch", Batch, Batch is null or (>= 2 and <= 4096), "between 2 and 4096 images");
        yield return ("epochs", Epochs, Epochs is null or (>= 1 and <= 10_000), "between 1 and 10000 epochs");
        yield return ("learningRate", LearningRate, LearningRate is null or (> 0 and <= 10), "more than 0 and at most 10");
        yield return (
            "augmentation",
            Augmentation,
            Augmentation is null || TrainRecipes.Augmentations.ContainsKey(Augmentation),
            "none, randaugment or cutmix"
        );
        yield return ("seeds", Seeds, Seeds is >= 1 and <= 100, "between 1 and 100 repetitions");
        yield return (
            "trainings",
            $"[{string.Join(", ", Trainings)}]",
            Trainings.Contains(TrainingNames.Original)
                && Trainings.All(TrainingNames.All.Contains)
                && Trainings.Distinct().Count() == Trainings.Count,
            $"a list of {string.Join(", ", TrainingNames.All)}, each at most once, the first always"
        );
        yield return ("threads", Threads, Threads is >= 1 and <= 256, "between 1 and 256 threads");
        yield return ("device", Device, Device is "cpu" or "cuda", "cpu or cuda");
    }
}

using Pipeline.Models.Training;

namespace Pipeline.Stages.Train;

/// <summary>A test split with the groups of its images.</summary>
/// <param name="Name">Begins with <c>test</c>.</param>
/// <param name="Images">At least one.</param>
/// <param name="Groups">The group value of each image; null without groups.</param>
public sealed record NamedTestSplit(string Name, TestSplit Images, IReadOnlyList<string>? Groups);

/// <summary>The splits of a cache, and which images each training takes.</summary>
public sealed class TrainingImageSets
{
    private readonly PixelImages original;
    private readonly PixelImages originalAndKept;

    /// <summary>Divides the images.</summary>
    /// <param name="cache">Holds the images; stays the caller's.</param>
    /// <param name="samples">The list that the cache was opened with.</param>
    /// <param name="classNames">In the order of the labels; at least 2.</param>
    /// <exception cref="InvalidDataException">A split is none of <c>train</c>, <c>validation</c> and <c>test…</c>, an edit is not in <c>train</c>, or there are fewer than 2 classes.</exception>
    public TrainingImageSets(PixelCache cache, IReadOnlyList<TrainingSample> samples, IReadOnlyList<string> classNames)
    {
        var wrong = samples.FirstOrDefault(sample =>
            sample.Edited ? sample.Split != "train" : sample.Split is not ("train" or "validation") && !IsTest(sample.Split)
        );
        if (wrong is not null)
        {
            throw new InvalidDataException(
                $"The split of {(wrong.Edited ? "edit" : "sample")} {wrong.Id} is {wrong.Split}; it must be "
                    + $"{(wrong.Edited ? "train" : "train, validation or a name that begins with test")}. Check the split column."
            );
        }

        if (classNames.Count < 2)
        {
            throw new InvalidDataException(
                $"The input has {classNames.Count} class{(classNames.Count == 1 ? $", {classNames[0]}" : "es")}; a classifier must have at least 2. "
                    + "Put the images of each class into a folder of its own, or check the label column."
            );
        }

        ClassNames = classNames;
        original = cache.Where(sample => sample.Split == "train" && !sample.Edited);
        originalAndKept = cache.Where(sample => sample.Split == "train");
        ValidationImages = cache.Where(sample => sample.Split == "validation");
        Tests =
        [
            .. samples
                .Select(sample => sample.Split)
                .Where(IsTest)
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal)
                .Select(split => (Name: split, Images: cache.Where(sample => sample.Split == split)))
                .Where(split => split.Images.Count > 0)
                .Select(split => new NamedTestSplit(split.Name, new TestSplit(split.Images), split.Images.Groups)),
        ];
    }

    /// <summary>In the order of the labels.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Decodable original training images; decides the steps of every training.</summary>
    public int OriginalCount => original.Count;

    /// <summary>The images that choose among epochs and seeds.</summary>
    public ValidationSplit Validation => new(ValidationImages);

    /// <summary>The test splits that have an image, ordered by name.</summary>
    public IReadOnlyList<NamedTestSplit> Tests { get; }

    /// <summary>The validation images with their groups.</summary>
    internal PixelImages ValidationImages { get; }

    /// <summary>The images that one training is fitted to.</summary>
    public TrainingSplit Training(string training) => new(training == TrainingNames.OriginalAndKept ? originalAndKept : original);

    private static bool IsTest(string split) => split.StartsWith("test", StringComparison.Ordinal);
}

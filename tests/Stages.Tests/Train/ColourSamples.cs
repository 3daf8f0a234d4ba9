using Pipeline.Models.Images;
using Pipeline.Models.Training;
using Pipeline.Stages.Train;

namespace Pipeline.Stages.Tests.Train;

/// <summary>Noisy PNG squares of one colour a class (red, green), and the trainings over them.</summary>
internal sealed class ColourSamples
{
    public static readonly string[] ClassNames = ["red", "green"];

    private int loaded;

    /// <summary>Images that were loaded so far.</summary>
    public int Loaded => loaded;

    public TrainingSample Sample(string id, int label, string split, string group = "", bool edited = false, byte[]? bytes = null) =>
        new(id, label, group, split, edited, _ => Load(bytes ?? Png(id, label)));

    /// <summary>Ten training images (6 red, 4 green), four kept edits, four validation images, and four of each test split.</summary>
    public IReadOnlyList<TrainingSample> Set(bool groups = true, bool validation = true) =>
        [
            .. Enumerable.Range(0, 10).Select(index => Sample($"train{index}", index < 6 ? 0 : 1, "train", Group(index))),
            .. Enumerable.Range(0, 4).Select(index => Sample($"edit{index}", index % 2, "train", Group(index), edited: true)),
            .. Enumerable.Range(0, validation ? 4 : 0).Select(index => Sample($"val{index}", index % 2, "validation", Group(index))),
            .. Enumerable.Range(0, 4).Select(index => Sample($"test{index}", index % 2, "test", groups ? $"g{index / 2}" : "")),
            .. Enumerable.Range(0, 4).Select(index => Sample($"testb{index}", index % 2, "test_b", groups ? "g0" : "")),
        ];

    public static TrainOptions Options(int epochs = 2) =>
        new()
        {
            ImageSize = 32,
            Batch = 4,
            Epochs = epochs,
            LearningRate = 0.01,
        };

    /// <summary>The task of one training; make it again for what a new process would have.</summary>
    public static TrainingTask Task(
        PixelCache cache,
        IReadOnlyList<TrainingSample> samples,
        string work,
        string training = "original",
        int seed = 0,
        TrainOptions? options = null
    )
    {
        options ??= Options();
        var sets = new TrainingImageSets(cache, samples, ClassNames);
        var plan = TrainingPlan.Of(options, sets.OriginalCount);
        var planned = new PlannedTraining(training, seed);
        return new TrainingTask(planned, plan.Setup(options, planned, ClassNames.Length, runSeed: 7), sets, work);
    }

    public static byte[] Png(string id, int label)
    {
        var random = KeyedRandom.For(1, id, 0, "pixels");
        var pixels = new byte[40 * 36 * 3];
        for (var place = 0; place < pixels.Length; place++)
        {
            pixels[place] = (byte)((place % 3 == label ? 140 : 0) + random.NextInt32(100));
        }

        return PngEncoder.Encode(new RgbImage(40, 36, pixels));
    }

    private static string Group(int index) => index % 2 == 0 ? "even" : "odd";

    private ValueTask<ReadOnlyMemory<byte>> Load(byte[] bytes)
    {
        Interlocked.Increment(ref loaded);
        return ValueTask.FromResult<ReadOnlyMemory<byte>>(bytes);
    }
}

using Pipeline.Models.Images;
using Pipeline.Stages.Report.Facts;
using Pipeline.Stages.Report.Pictures;

namespace Pipeline.Stages.Tests.Report;

/// <summary>Facts of runs that never were.</summary>
internal static class Reports
{
    /// <summary>Two classes, two descriptions, edits of every verdict; accuracies on <c>test</c> of <c>original</c> and <c>original+kept</c>, one a seed.</summary>
    public static RunReport Of(double[] without, double[] with, string one = "landbird", string two = "waterbird") =>
        new()
        {
            Pipeline = "starter",
            Seed = 0,
            Options = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["edit.strength"] = "0.7", ["train.seeds"] = "3" },
            DataContent = "00ff",
            Data = [new("test", one, 6), new("test", two, 4), new("train", one, 12), new("train", two, 8)],
            Classes = [new(one, 24, 4, 10, 10, 6), new(two, 16, 2, 3, 10, 7)],
            Prompts = [new("a {} in fog", 20, 3, 7, 10, 8), new("a {} at night", 20, 3, 6, 10, 5)],
            Scores =
            [
                new(one, [0.75], Histogram(3, 10), Histogram(20, 4), Histogram(22, 10)),
                new(two, [0.5], Histogram(3, 10), Histogram(20, 2), Histogram(22, 3)),
            ],
            Metrics =
            [
                .. without.Select((accuracy, seed) => Row("original", seed, accuracy, one, two)),
                .. with.Select((accuracy, seed) => Row("original+kept", seed, accuracy, one, two)),
            ],
            Curves =
            [
                .. without.Select((_, seed) => Curve("original", seed, 0.4)),
                .. with.Select((_, seed) => Curve("original+kept", seed, 0.5)),
            ],
            Accounts =
            [
                new("samples", 30, 30, new SortedDictionary<string, long>(StringComparer.Ordinal), 0, 0),
                new(
                    "edits",
                    40,
                    13,
                    new SortedDictionary<string, long>(StringComparer.Ordinal) { ["too_easy"] = 6, ["mislabelled"] = 13 },
                    8,
                    0
                ),
            ],
        };

    public static ScoreRow Row(
        string training,
        int seed,
        double accuracy,
        string one = "landbird",
        string two = "waterbird",
        string split = "test"
    ) =>
        new()
        {
            Training = training,
            Split = split,
            Seed = seed,
            Accuracy = accuracy,
            BalancedAccuracy = accuracy,
            WorstGroup = accuracy / 2,
            MacroF1 = accuracy,
            PerClass = new Dictionary<string, double?>(StringComparer.Ordinal) { [one] = accuracy, [two] = accuracy },
            PerGroup = new Dictionary<string, double>(StringComparer.Ordinal) { [$"{one}/land"] = accuracy },
            Images = 10,
            Init = "scratch",
            Epochs = 2,
            SelectedEpoch = 1,
            Confusion = new Dictionary<string, IReadOnlyDictionary<string, int>>(StringComparer.Ordinal)
            {
                [one] = new Dictionary<string, int>(StringComparer.Ordinal) { [one] = 4, [two] = 2 },
                [two] = new Dictionary<string, int>(StringComparer.Ordinal) { [two] = 4 },
            },
            TrainingImages = training == "original" ? 20 : 33,
            Steps = 6,
        };

    public static PicturePair Pair(string verdict, int label = 0, string name = "landbird", string prompt = "a landbird in fog") =>
        new(
            new JudgedEdit(0, "s", $"v{verdict}", label, name, 0, "a {} in fog", prompt, verdict, 0.61, 0.75, verdict == JudgedEdit.Keep),
            Small(90),
            Small(120)
        );

    private static Thumbnail Small(byte grey) => new(JpegEncoder.Encode(new RgbImage(4, 3, [.. Enumerable.Repeat(grey, 36)])), 4, 3);

    private static LearningCurve Curve(string training, int seed, double accuracy) =>
        new(training, seed, [new(0.9, accuracy, 0.8, accuracy), new(0.5 + (seed * 0.1), accuracy + 0.1, 0.7, accuracy + 0.2)]);

    private static int[] Histogram(int bin, int count)
    {
        var bins = new int[ScoreHistogram.Bins];
        bins[bin] = count;
        return bins;
    }
}

using Pipeline.Stages.Report.Seeds;

namespace Pipeline.Stages.Report.Facts;

/// <summary>All seeds of one training on one split.</summary>
/// <param name="Training">The training's name.</param>
/// <param name="Split">The split's name.</param>
/// <param name="Seeds">At least one row.</param>
public sealed record TrainingScores(string Training, string Split, IReadOnlyList<ScoreRow> Seeds)
{
    /// <summary>What a classifier is measured by, in the order in which it is shown.</summary>
    public static IReadOnlyList<Measure> Measures { get; } =
    [
        new("accuracy", row => row.Accuracy),
        new("balanced accuracy", row => row.BalancedAccuracy),
        new("worst group", row => row.WorstGroup),
        new("macro F1", row => row.MacroF1),
    ];

    /// <summary>By training (<c>original</c>, then <c>original+kept</c>, then baselines by name), and by split: <c>test</c>, other tests by name, validation.</summary>
    public static IReadOnlyList<TrainingScores> Of(IEnumerable<ScoreRow> rows) =>
        [
            .. rows.GroupBy(row => (row.Training, row.Split))
                .OrderBy(group => group.Key.Split, SplitOrder)
                .ThenBy(group => group.Key.Training, TrainingOrder)
                .Select(group => new TrainingScores(group.Key.Training, group.Key.Split, [.. group.OrderBy(row => row.Seed)])),
        ];

    /// <summary>The split that speaks for the models: <c>test</c>, or else the first test split; null without one.</summary>
    public static string? MainSplit(IEnumerable<ScoreRow> rows) =>
        rows.Select(row => row.Split).Where(split => split != ScoreRow.Validation).Order(SplitOrder).FirstOrDefault();

    /// <summary>Over the seeds; null where a seed has no such value.</summary>
    public SeedSummary? Over(Func<ScoreRow, double?> measure)
    {
        var values = Seeds.Select(measure).OfType<double>().ToList();
        return values.Count == Seeds.Count ? SeedSummary.Of(values) : null;
    }

    /// <summary>Images by true and predicted class, summed over the seeds.</summary>
    public int Taken(string label, string prediction) =>
        Seeds.Sum(row => row.Confusion.GetValueOrDefault(label)?.GetValueOrDefault(prediction) ?? 0);

    private static Comparer<string> SplitOrder { get; } =
        Ordered(split =>
            split switch
            {
                "test" => 0,
                ScoreRow.Validation => 2,
                _ => 1,
            }
        );

    private static Comparer<string> TrainingOrder { get; } = Ordered(Rank);

    /// <summary>Where a training stands among others; those of equal rank stand by name.</summary>
    internal static int Rank(string training) =>
        training switch
        {
            ScoreRow.Original => 0,
            ScoreRow.OriginalAndKept => 1,
            _ => 2,
        };

    private static Comparer<string> Ordered(Func<string, int> rank) =>
        Comparer<string>.Create((one, two) => rank(one) == rank(two) ? string.CompareOrdinal(one, two) : rank(one).CompareTo(rank(two)));
}

/// <summary>One way to measure a classifier.</summary>
/// <param name="Name">For people.</param>
/// <param name="Of">From 0 to 1; null where a row has none.</param>
public sealed record Measure(string Name, Func<ScoreRow, double?> Of);

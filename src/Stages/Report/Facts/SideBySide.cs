using Pipeline.Stages.Report.Seeds;
using Pipeline.Stages.Report.Text;

namespace Pipeline.Stages.Report.Facts;

/// <summary>One class taken for another.</summary>
/// <param name="Label">What the images are.</param>
/// <param name="Prediction">What they were taken for.</param>
/// <param name="Count">Such images, over all seeds.</param>
/// <param name="Share">Of all images of the class.</param>
public sealed record Mistake(string Label, string Prediction, int Count, double Share);

/// <summary>What is said of trainings that are set side by side, the same on the page and in Markdown.</summary>
internal static class SideBySide
{
    /// <summary>Which interval stands behind a ±, or why there is none.</summary>
    public static string Intervals(IEnumerable<ScoreRow> rows)
    {
        var seeds = rows.Select(row => row.Seed).Distinct().Count();
        return seeds > 1
            ? $"Mean over {seeds} seeds ± half of its 95 % interval (Student's t). Differences: Welch's t test between the seeds; p is not corrected for the number "
                + "of comparisons, of which one in 20 falls below 0.05 by chance."
            : "One seed: there are no intervals, and nothing can be said about noise.";
    }

    /// <summary>What the classifiers started from.</summary>
    public static string Starts(IEnumerable<ScoreRow> rows)
    {
        var starts = rows.Select(row => row.Init).Where(start => start.Length > 0).Distinct(StringComparer.Ordinal).ToList();
        return starts switch
        {
            [] => "",
            ["scratch"] => "The classifiers were trained from scratch, without published weights.",
            _ => $"The classifiers started from {string.Join(", ", starts)}.",
        };
    }

    /// <summary>Whether the trainings had equal counts, so that they differ by their images alone.</summary>
    public static string EqualCounts(IReadOnlyList<TrainingScores> trainings)
    {
        var counts = trainings
            .Select(training => (training.Seeds[0].Epochs, training.Seeds[0].Steps, training.Seeds.Count))
            .Distinct()
            .ToList();
        return trainings.Count < 2 ? ""
            : counts.Count == 1 ? "Equal epochs, steps and seeds: what differs is the images alone."
            : "Epochs, steps or seeds differ: the trainings are not on one footing.";
    }

    /// <summary>The difference to the training without edits; null for that one itself, and without it.</summary>
    public static Difference? ToOriginal(IEnumerable<TrainingScores> trainings, TrainingScores training, Func<ScoreRow, double?> measure) =>
        training.Training != ScoreRow.Original
        && trainings.FirstOrDefault(other => other.Training == ScoreRow.Original)?.Over(measure) is { } without
        && training.Over(measure) is { } with
            ? Difference.Between(without, with)
            : null;

    /// <summary>Whether a difference is beyond noise, in words.</summary>
    public static string InWords(Difference difference) =>
        difference.Noise switch
        {
            Noise.Beyond => "beyond noise",
            Noise.Within => "within noise",
            _ => "noise unknown",
        };

    /// <summary>A count, or a dash where a file of before does not say it.</summary>
    public static string Known(int count) => count == 0 ? Figures.None : Figures.Count(count);

    /// <summary>Classes taken for others, the most frequent first.</summary>
    public static IEnumerable<Mistake> Mistakes(TrainingScores training) =>
        training
            .Seeds.SelectMany(row => row.Confusion)
            .SelectMany(label => label.Value.Select(cell => (Label: label.Key, Prediction: cell.Key, cell.Value)))
            .GroupBy(cell => cell.Label, StringComparer.Ordinal)
            .SelectMany(label =>
            {
                var sum = label.Sum(cell => cell.Value);
                return label
                    .Where(cell => cell.Prediction != label.Key)
                    .GroupBy(cell => cell.Prediction, StringComparer.Ordinal)
                    .Select(cell => new Mistake(label.Key, cell.Key, cell.Sum(one => one.Value), (double)cell.Sum(one => one.Value) / sum));
            })
            .OrderByDescending(mistake => mistake.Count)
            .ThenBy(mistake => mistake.Label, StringComparer.Ordinal)
            .ThenBy(mistake => mistake.Prediction, StringComparer.Ordinal);
}

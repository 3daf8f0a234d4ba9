using Pipeline.Stages.Report.Facts;
using Pipeline.Stages.Report.Text;

namespace Pipeline.Stages.Report.Page;

/// <summary>How the trainings went: a line each, its mean over the seeds, and a band from the least to the greatest seed.</summary>
internal static class CurvesSection
{
    public static Html Render(RunReport report, Charts charts)
    {
        if (report.Curves.Count == 0)
            return Html.Of($"<p>There is no learning curve: no classifier was trained, or its work files were cleaned.</p>");
        (string Title, string Note, bool Percent, Func<EpochPoint, double?> Of)[] measures =
        [
            ("Accuracy on validation", "Chose the epoch: no measure of a model.", true, epoch => epoch.ValidationAccuracy),
            ("Loss on validation", "Mean cross entropy.", false, epoch => epoch.ValidationLoss),
            ("Accuracy in training", "Of augmented images, while the weights moved.", true, epoch => epoch.TrainingAccuracy),
            ("Loss in training", "Mean of the steps.", false, epoch => epoch.TrainingLoss),
        ];
        var several = report.Curves.Select(curve => curve.Seed).Distinct().Count() > 1;
        return Html.Of(
            $"""
            <p>By epoch.{(several ? " A line is the mean over the seeds, its band goes from the least to the greatest." : "")}</p>
            <div class="columns">
            {Html.Each(
                measures.Where(measure => report.Curves.All(curve => curve.Epochs.All(epoch => measure.Of(epoch) is not null))),
                measure => Chart(report, measure, charts)
            )}
            </div>
            """
        );
    }

    private static Html Chart(
        RunReport report,
        (string Title, string Note, bool Percent, Func<EpochPoint, double?> Of) measure,
        Charts charts
    )
    {
        var trainings = report
            .Curves.GroupBy(curve => curve.Training, StringComparer.Ordinal)
            .OrderBy(training => TrainingScores.Rank(training.Key))
            .ThenBy(training => training.Key, StringComparer.Ordinal)
            .Select(
                (training, index) =>
                    Line(training.Key, index, [.. training.Select(curve => curve.Epochs.Select(epoch => measure.Of(epoch) ?? 0))])
            )
            .ToList();
        var spoken = string.Join(
            "; ",
            trainings.Select(line =>
                $"{line.Name} begins at {Text(line.Mean[0], measure.Percent)} and ends at {Text(line.Mean[^1], measure.Percent)}"
            )
        );
        var epochs = Enumerable.Range(1, trainings.Max(line => line.Mean.Count));
        return charts.Figure(
            measure.Title,
            measure.Note,
            $"{measure.Title} by epoch: {spoken}.",
            new
            {
                measure.Percent,
                epochs,
                trainings,
            }
        );
    }

    private static CurveLine Line(string name, int index, IReadOnlyList<IEnumerable<double>> seeds)
    {
        var values = seeds.Select(seed => seed.ToList()).ToList();
        var epochs = Enumerable.Range(0, values.Min(seed => seed.Count)).Select(epoch => values.ConvertAll(seed => seed[epoch])).ToList();
        return new CurveLine(
            name,
            Parts.Tone(index),
            [.. epochs.Select(epoch => epoch.Average())],
            values.Count > 1 ? [.. epochs.Select(epoch => epoch.Min())] : null,
            values.Count > 1 ? [.. epochs.Select(epoch => epoch.Max())] : null
        );
    }

    private static string Text(double value, bool percent) => percent ? Figures.Share(value) : FormattableString.Invariant($"{value:F3}");

    private sealed record CurveLine(
        string Name,
        int Tone,
        IReadOnlyList<double> Mean,
        IReadOnlyList<double>? Low,
        IReadOnlyList<double>? High
    );
}

using System.Globalization;
using Pipeline.Stages.Report.Facts;
using Pipeline.Stages.Report.Text;

namespace Pipeline.Stages.Report.Page;

/// <summary>How sure the filter was, a histogram a class with its limits.</summary>
internal static class ScoresSection
{
    private const int MostCharts = 12; // more than a person compares; all are in report.json
    private const double Impossible = 1; // a limit above it is that of a class without training images

    public static Html Render(RunReport report, Charts charts)
    {
        var judged = report.Scores.Where(scores => scores.Limits.Count > 0).ToList();
        var shown = judged.OrderByDescending(Count).Take(MostCharts).ToHashSet();
        return judged.Count == 0
            ? Html.Of($"<p>No edit was judged.</p>")
            : Html.Of(
                $"""
                <p>The base classifier's confidence in the class that it predicts, for the edits of each class. A dashed line is a limit: what is surer than it did not pass.{(
                    judged.Count > MostCharts ? $" Shown are the {MostCharts} classes with the most edits, of {judged.Count}; all are in report.json." : ""
                )}</p>
                <div class="columns">
                {Html.Each(judged.Where(shown.Contains), scores => charts.Figure(scores.Class, Limits(scores), Spoken(scores), scores))}
                </div>
                """
            );
    }

    private static int Count(ScoreHistogram scores) => scores.Passed.Sum() + scores.TooEasy.Sum() + scores.Mislabelled.Sum();

    private static string Limits(ScoreHistogram scores)
    {
        var limits = scores
            .Limits.Where(limit => limit <= Impossible)
            .Select(limit => limit.ToString("F3", CultureInfo.InvariantCulture))
            .ToList();
        return limits.Count switch
        {
            0 => "No limit: the class has no training image, and nothing is surer than that.",
            1 => $"limit {limits[0]}",
            _ => $"limits {string.Join(", ", limits)}",
        };
    }

    private static string Spoken(ScoreHistogram scores) =>
        $"Histogram of confidence for {Figures.Count(Count(scores))} edits of {scores.Class}: {Figures.Count(scores.Passed.Sum())} passed, "
        + $"{Figures.Count(scores.TooEasy.Sum())} too easy, {Figures.Count(scores.Mislabelled.Sum())} mislabelled; {Limits(scores)}";
}

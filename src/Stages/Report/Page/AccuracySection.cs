using System.Globalization;
using Pipeline.Stages.Report.Facts;
using Pipeline.Stages.Report.Seeds;
using Pipeline.Stages.Report.Text;

namespace Pipeline.Stages.Report.Page;

/// <summary>What the classifiers are worth: side by side, by split, by class, by group, and what is taken for what.</summary>
internal static class AccuracySection
{
    private const int MostRows = 40; // a page is read; all rows are in report.json
    private const int MostColumns = 12; // classes of a confusion matrix that a page has room for
    private const int MostMistakes = 12;

    public static Html Render(RunReport report)
    {
        var groups = TrainingScores.Of(report.Metrics);
        if (groups.Count == 0)
            return Html.Of($"<p>No classifier was trained.</p>");
        var main = TrainingScores.MainSplit(report.Metrics) ?? ScoreRow.Validation;
        return Html.Of(
            $"""
            <p>{SideBySide.Intervals(report.Metrics)} {SideBySide.Starts(report.Metrics)}</p>
            {Trainings([.. groups.Where(group => group.Split == main)], main)}
            {Html.Each(
                groups.GroupBy(group => group.Split, StringComparer.Ordinal),
                split => Split([.. split], split.Key, split.Key == main)
            )}
            """
        );
    }

    private static Html Trainings(IReadOnlyList<TrainingScores> trainings, string split)
    {
        var axis = ShareAxis.Of(trainings.Select(training => training.Over(row => row.Accuracy)));
        return Parts.Table(
            $"Trainings side by side, on {split}",
            SideBySide.EqualCounts(trainings),
            ["training", "#images trained on", "#epochs", "#steps", "#seeds", "#accuracy", axis.Name, "#difference to original"],
            Html.Each(
                trainings.Select((training, index) => (training, index)),
                row =>
                {
                    var (training, index) = row;
                    var first = training.Seeds[0];
                    var accuracy = training.Over(seed => seed.Accuracy);
                    return Html.Of(
                        $"""
                        <tr><th scope="row">{Parts.Swatch(index)}{training.Training}</th>{Parts.Number(SideBySide.Known(first.TrainingImages))}{Parts.Number(
                            SideBySide.Known(first.Epochs)
                        )}{Parts.Number(SideBySide.Known(first.Steps))}{Parts.Number(Figures.Count(training.Seeds.Count))}{Parts.Number(
                            Figures.Share(accuracy)
                        )}<td>{Parts.Interval(accuracy, $"t{Parts.Tone(index)}", axis)}</td>{Difference(SideBySide.ToOriginal(trainings, training, seed => seed.Accuracy))}</tr>
                        """
                    );
                }
            )
        );
    }

    private static Html Difference(Difference? difference)
    {
        if (difference is null)
            return Parts.Number(Figures.None);
        var tone =
            difference.Noise != Noise.Beyond ? ""
            : difference.Value > 0 ? "gain"
            : "loss";
        return Html.Of(
            $"""<td class="number"><span class="{(tone.Length == 0 ? "" : "word ")}{tone}">{Figures.Points(difference)}</span><br>{SideBySide.InWords(difference)}</td>"""
        );
    }

    private static Html Split(IReadOnlyList<TrainingScores> trainings, string split, bool open) =>
        Html.Of(
            $"""
            <details class="split"{(open ? Html.Own(" open") : Html.Empty)}><summary>{split}: {Figures.Count(trainings[0].Seeds[0].Images)} images</summary>
            {(split == ScoreRow.Validation ? Html.Of($"""<p class="note">Chose the epochs: no measure of a model.</p>""") : Html.Empty)}
            {Measures("Measures", TrainingScores.Measures.Select(measure => (measure.Name, measure.Of)), trainings)}
            {Measures(
                "Accuracy by class",
                Keys(trainings, row => row.PerClass.Keys).Select(name => (name, (Func<ScoreRow, double?>)(row => row.PerClass.GetValueOrDefault(name)))),
                trainings
            )}
            {Measures(
                "Accuracy by class and group",
                Keys(trainings, row => row.PerGroup.Keys)
                    .Select(name => (name, (Func<ScoreRow, double?>)(row => row.PerGroup.TryGetValue(name, out var share) ? share : null))),
                trainings
            )}
            <div class="columns">{Html.Each(trainings.Select((training, index) => (training, index)), row => Confusion(row.training, row.index))}</div>
            </details>
            """
        );

    private static IEnumerable<string> Keys(IEnumerable<TrainingScores> trainings, Func<ScoreRow, IEnumerable<string>> keys) =>
        trainings.SelectMany(training => training.Seeds).SelectMany(keys).Distinct(StringComparer.Ordinal);

    private static Html Measures(
        string caption,
        IEnumerable<(string Name, Func<ScoreRow, double?> Of)> rows,
        IReadOnlyList<TrainingScores> trainings
    )
    {
        var all = rows.Where(row => trainings.Any(training => training.Over(row.Of) is not null)).ToList();
        if (all.Count == 0)
            return Html.Empty;
        // With many rows, those that are worst without edits are what a person looks for.
        var shown = all.Count > MostRows ? [.. all.OrderBy(row => trainings[0].Over(row.Of)?.Mean ?? 1).Take(MostRows)] : all;
        var axis = ShareAxis.Of(shown.SelectMany(row => trainings.Select(training => training.Over(row.Of))));
        return Parts.Table(
            caption,
            shown.Count < all.Count
                ? $"The {MostRows} of {all.Count} with the least of {trainings[0].Training}; all are in report.json. Bars: {axis.Name}."
                : $"Bars: {axis.Name}.",
            ["", .. trainings.Select(training => training.Training)],
            Html.Each(
                shown,
                row =>
                    Html.Of(
                        $"""
                        <tr><th scope="row">{row.Name}</th>{Html.Each(
                            trainings.Select((training, index) => (Summary: training.Over(row.Of), index)),
                            cell =>
                                Html.Of(
                                    $"""<td class="share">{Figures.Share(cell.Summary)}{Parts.Interval(cell.Summary, $"t{Parts.Tone(cell.index)}", axis)}</td>"""
                                )
                        )}</tr>
                        """
                    )
            )
        );
    }

    private static Html Confusion(TrainingScores training, int index)
    {
        var classes = training.Seeds[0].PerClass.Keys.ToList();
        var known = classes.Where(name => classes.Sum(other => training.Taken(name, other)) > 0).ToList();
        if (known.Count == 0)
            return Html.Empty;
        var note = training.Seeds.Count > 1 ? $"Images of all {training.Seeds.Count} seeds together." : "";
        return classes.Count <= MostColumns
            ? Parts.Table(
                $"What {training.Training} takes for what",
                $"Rows are true classes, columns predictions. {note}",
                ["is \\ taken for", .. classes],
                Html.Each(known, name => MatrixRow(training, name, classes)),
                style: "confusion"
            )
            : Parts.Table(
                $"The most frequent mistakes of {training.Training}",
                note,
                ["is", "taken for", "#images", "#of its class"],
                Html.Each(SideBySide.Mistakes(training).Take(MostMistakes), MistakeRow)
            );
    }

    private static Html MatrixRow(TrainingScores training, string name, IReadOnlyList<string> classes)
    {
        var sum = classes.Sum(other => training.Taken(name, other));
        return Html.Of(
            $"""<tr><th scope="row">{name}</th>{Html.Each(classes, other => MatrixCell(training.Taken(name, other), sum, name == other))}</tr>"""
        );
    }

    private static Html MatrixCell(int count, int sum, bool right)
    {
        var share = (double)count / sum;
        return Html.Of(
            $"""
            <td class="{(right ? "right" : "")}" style="--share:{share.ToString("0.###", CultureInfo.InvariantCulture)}">{Figures.Count(
                count
            )}<small>{Figures.Share(share)}</small></td>
            """
        );
    }

    private static Html MistakeRow(Mistake mistake) =>
        Html.Of(
            $"""<tr><th scope="row">{mistake.Label}</th><td>{mistake.Prediction}</td>{Parts.Number(Figures.Count(mistake.Count))}{Parts.Number(Figures.Share(mistake.Share))}</tr>"""
        );
}

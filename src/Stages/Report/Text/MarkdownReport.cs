using System.Globalization;
using System.Text;
using Pipeline.Stages.Report.Facts;

namespace Pipeline.Stages.Report.Text;

/// <summary>A report as Markdown, for terminals and pull requests: the same facts without pictures and times.</summary>
public static class MarkdownReport
{
    private const int MostRows = 40; // a page is read; all rows are in report.json
    private const int MostMistakes = 5;

    /// <summary>The text. Equal facts give equal text.</summary>
    public static string Render(RunReport report)
    {
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"# Report: {Escape(report.Pipeline)}, seed {report.Seed}\n\n**{Escape(Finding.Of(report).Sentence)}**\n\n"
        );
        foreach (var step in NextSteps.Of(report))
            text.Append(CultureInfo.InvariantCulture, $"- {EscapeOutsideCode(step)}\n");
        Accuracy(text, report);
        Funnel(text, report);
        Checks(text, report);
        Account(text, report);
        text.Append(
            "\nPictures, histograms, learning curves and times stand in index.html beside this file; all numbers in report.json.\n"
        );
        return text.ToString();
    }

    private static void Accuracy(StringBuilder text, RunReport report)
    {
        var groups = TrainingScores.Of(report.Metrics);
        if (groups.Count == 0)
            return;
        text.Append(
            CultureInfo.InvariantCulture,
            $"\n## Accuracy\n\n{SideBySide.Intervals(report.Metrics)} {Escape(SideBySide.Starts(report.Metrics))}\n"
        );
        foreach (var split in groups.GroupBy(group => group.Split, StringComparer.Ordinal))
        {
            var trainings = split.ToList();
            text.Append(
                CultureInfo.InvariantCulture,
                $"\n### {Escape(split.Key)}: {Figures.Count(trainings[0].Seeds[0].Images)} images\n\n"
            );
            if (split.Key == ScoreRow.Validation)
                text.Append("Chose the epochs: no measure of a model.\n\n");
            else if (SideBySide.EqualCounts(trainings) is { Length: > 0 } counts)
                text.Append(CultureInfo.InvariantCulture, $"{counts}\n\n");
            Table(
                text,
                [
                    "training",
                    "images trained on",
                    "steps",
                    "seeds",
                    .. TrainingScores.Measures.Select(measure => measure.Name),
                    "accuracy to original",
                ],
                trainings.Select(training => Training(trainings, training))
            );
            Shares(text, "class", trainings, row => row.PerClass.Keys, (row, name) => row.PerClass.GetValueOrDefault(name));
            Shares(
                text,
                "class/group",
                trainings,
                row => row.PerGroup.Keys,
                (row, name) => row.PerGroup.TryGetValue(name, out var share) ? share : null
            );
            Mistakes(text, trainings);
        }
    }

    private static string[] Training(IReadOnlyList<TrainingScores> trainings, TrainingScores training) =>
        [
            training.Training,
            SideBySide.Known(training.Seeds[0].TrainingImages),
            SideBySide.Known(training.Seeds[0].Steps),
            Figures.Count(training.Seeds.Count),
            .. TrainingScores.Measures.Select(measure => Figures.Share(training.Over(measure.Of))),
            SideBySide.ToOriginal(trainings, training, row => row.Accuracy) is { } difference
                ? $"{Figures.Points(difference)} ({SideBySide.InWords(difference)})"
                : Figures.None,
        ];

    private static void Shares(
        StringBuilder text,
        string what,
        IReadOnlyList<TrainingScores> trainings,
        Func<ScoreRow, IEnumerable<string>> names,
        Func<ScoreRow, string, double?> share
    )
    {
        var all = trainings.SelectMany(training => training.Seeds).SelectMany(names).Distinct(StringComparer.Ordinal).ToList();
        if (all.Count == 0)
            return;
        text.Append('\n');
        Table(
            text,
            [$"accuracy by {what}", .. trainings.Select(training => training.Training)],
            all.Take(MostRows)
                .Select(name => (string[])[name, .. trainings.Select(training => Figures.Share(training.Over(row => share(row, name))))])
        );
        if (all.Count > MostRows)
            text.Append(CultureInfo.InvariantCulture, $"\nThe first {MostRows} of {all.Count}.\n");
    }

    private static void Mistakes(StringBuilder text, IReadOnlyList<TrainingScores> trainings)
    {
        var rows = trainings
            .SelectMany(training =>
                SideBySide
                    .Mistakes(training)
                    .Take(MostMistakes)
                    .Select(mistake =>
                        (string[])
                            [
                                training.Training,
                                mistake.Label,
                                mistake.Prediction,
                                Figures.Count(mistake.Count),
                                Figures.Share(mistake.Share),
                            ]
                    )
            )
            .ToList();
        if (rows.Count == 0)
            return;
        text.Append('\n');
        Table(text, ["most frequent mistakes of", "is", "taken for", "images", "of its class"], rows);
    }

    private static void Funnel(StringBuilder text, RunReport report)
    {
        if (report.Funnel.Made == 0)
            return;
        text.Append("\n## Funnel\n\n");
        var stopped = report.Funnel.Stopped is not null;
        Table(
            text,
            FunnelHeads("class", stopped),
            [.. report.Classes.Take(MostRows).Select(row => FunnelCells(row, stopped)), FunnelCells(report.Funnel, stopped)]
        );
        text.Append('\n');
        Table(text, FunnelHeads("description", stopped), report.Prompts.Take(MostRows).Select(row => FunnelCells(row, stopped)));
    }

    private static void Checks(StringBuilder text, RunReport report)
    {
        if (report.Checks is not { } checks)
            return;
        text.Append("\n## Checks\n");
        foreach (var sentence in CheckTexts.Sentences(checks))
            text.Append(CultureInfo.InvariantCulture, $"\n{Escape(sentence)}\n");
        if (checks.Edits.Count > 0)
        {
            text.Append('\n');
            Table(text, CheckTexts.EditHeads, checks.Edits.Select(CheckTexts.Cells));
        }

        if (checks.Flags.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nFlagged by the safety check. {CheckTexts.FlagNote}\n\n");
            Table(text, CheckTexts.FlagHeads, checks.Flags.Take(MostRows).Append(CheckTexts.All(checks.Flags)).Select(CheckTexts.Cells));
        }
    }

    private static string[] FunnelHeads(string first, bool stopped) =>
        [
            first,
            "made",
            "too easy",
            "mislabelled",
            "passed",
            .. stopped ? ["stopped by another check"] : Array.Empty<string>(),
            "in training",
        ];

    private static string[] FunnelCells(FunnelRow row, bool stopped) =>
        [
            row.Name,
            Figures.Count(row.Made),
            Figures.Count(row.TooEasy),
            Figures.Count(row.Mislabelled),
            Figures.Count(row.Passed),
            .. stopped ? [Figures.Count(row.Stopped ?? 0)] : Array.Empty<string>(),
            row.Chosen is { } chosen ? Figures.Count(chosen) : Figures.None,
        ];

    private static void Account(StringBuilder text, RunReport report)
    {
        text.Append("\n## Account\n\n");
        Table(
            text,
            ["", "came in", "in the output", "left out", "set aside", "in failed batches"],
            report.Accounts.Select(account =>
                (string[])
                    [
                        account.Of,
                        Figures.Count(account.In),
                        Figures.Count(account.Kept),
                        Dropped(account),
                        Figures.Count(account.Quarantined),
                        Figures.Count(account.Failed),
                    ]
            )
        );
    }

    private static string Dropped(AccountRow account)
    {
        var reasons = account
            .Dropped.Where(reason => reason.Value > 0)
            .Select(reason => $"{Figures.Count(reason.Value)} {reason.Key.Replace('_', ' ')}")
            .ToList();
        return reasons.Count == 0 ? "0" : $"{Figures.Count(account.Dropped.Values.Sum())}: {string.Join(", ", reasons)}";
    }

    private static void Table(StringBuilder text, IReadOnlyList<string> heads, IEnumerable<IReadOnlyList<string>> rows)
    {
        Line(text, heads);
        text.Append(CultureInfo.InvariantCulture, $"|{string.Concat(heads.Select((_, column) => column == 0 ? " --- |" : " ---: |"))}\n");
        foreach (var row in rows)
            Line(text, row);
    }

    private static void Line(StringBuilder text, IEnumerable<string> cells) =>
        text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", cells.Select(Escape))} |\n");

    /// <summary>Text that means itself: neither HTML, nor the end of a cell, nor emphasis, link or code.</summary>
    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        var line = text.ReplaceLineEndings(" ");
        for (var at = 0; at < line.Length; at++)
        {
            escaped.Append(
                line[at] switch
                {
                    '_' when at > 0 && at < line.Length - 1 && char.IsLetterOrDigit(line[at - 1]) && char.IsLetterOrDigit(line[at + 1]) =>
                        "_",
                    '&' => "&amp;",
                    '<' => "&lt;",
                    '>' => "&gt;",
                    '|' or '*' or '_' or '`' or '[' or ']' or '\\' or '#' or '~' => $"\\{line[at]}",
                    var letter => letter.ToString(),
                }
            );
        }

        return escaped.ToString();
    }

    private static string EscapeOutsideCode(string text) =>
        string.Join('`', text.Split('`').Select((piece, index) => index % 2 == 0 ? Escape(piece) : piece));
}

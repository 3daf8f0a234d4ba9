using System.Text.Json;
using Pipeline.Stages.Report.Facts;
using Pipeline.Stages.Report.Pictures;
using Pipeline.Stages.Report.Text;

namespace Pipeline.Stages.Report.Page;

/// <summary>A report as one HTML file that opens offline: pictures, style, script and chart library are in it, and nothing is fetched.</summary>
public static class HtmlReport
{
    /// <summary>What a browser may do with the page: show what is in it.</summary>
    private const string Policy =
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

    /// <summary>The page. Equal facts, pictures and times give equal text.</summary>
    public static string Render(RunReport report, IReadOnlyList<PicturePair> pairs, RunTimes times)
    {
        var charts = new Charts();
        (string Id, string Name, Html Text)[] sections =
        [
            ("accuracy", "Accuracy", AccuracySection.Render(report)),
            ("funnel", "Funnel", FunnelSection.Render(report)),
            .. report.Checks is { } checks
                ? new (string Id, string Name, Html Text)[] { ("checks", "Checks", ChecksSection.Render(checks)) }
                : [],
            ("pairs", "Before and after", PairsSection.Render(report, pairs)),
            ("scores", "Scores", ScoresSection.Render(report, charts)),
            ("curves", "Learning curves", CurvesSection.Render(report, charts)),
            ("times", "Time", TimesSection.Render(times)),
            ("account", "Account and data", AccountSection.Render(report)),
        ];
        var finding = Finding.Of(report);
        return Html.Of(
                $"""
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <meta http-equiv="Content-Security-Policy" content="{Policy}">
                <title>{report.Pipeline}: report</title>
                <link rel="icon" href="data:,">
                <style>
                {PageAssets.Style}
                </style>
                </head>
                <body>
                <header class="top">
                <p class="run">Report of the pipeline <strong>{report.Pipeline}</strong>, seed {report.Seed}</p>
                <h1 class="finding {finding.Tone.ToString().ToLowerInvariant()}">{finding.Sentence.Replace(" %", "\u00A0%")}</h1>
                {Tiles(report)}
                <div class="next"><h2>Look at next</h2><ol>
                {Html.Each(NextSteps.Of(report), step => Html.Of($"<li>{Parts.WithCode(step)}</li>"))}
                </ol></div>
                </header>
                <nav aria-label="Sections"><ul>
                {Html.Each(sections, section => Html.Of($"""<li><a href="#{section.Id}">{section.Name}</a></li>"""))}
                </ul></nav>
                <main>
                {Html.Each(sections, section => Html.Of($"""<section id="{section.Id}"><h2>{section.Name}</h2>{section.Text}</section>"""))}
                </main>
                <footer>Made by <code>pipeline</code>; <code>pipeline report DIR</code> makes it anew. The same facts without pictures: report.md and report.json beside
                this file. Charts by uPlot (MIT, Leon Sorokin).</footer>
                <script type="application/json" id="chart-data">{charts.Json}</script>
                <script>
                {PageAssets.Charts}
                </script>
                <script>
                {PageAssets.Script}
                </script>
                </body>
                </html>

                """
            )
            .ToString();
    }

    private static Html Tiles(RunReport report)
    {
        var all = report.Funnel;
        var split = TrainingScores.MainSplit(report.Metrics);
        var tiles = new List<(string Name, string Value, string More)>
        {
            ("Samples", Figures.Count(report.Data.Sum(cell => cell.Count)), ""),
            ("Edits made", Figures.Count(all.Made), ""),
            ("Passed the filter", Figures.Count(all.Passed), all.Made == 0 ? "" : Figures.Share((double)all.Passed / all.Made)),
        };
        if (all.Chosen is { } chosen)
            tiles.Add(("In the training set", Figures.Count(chosen), "edits"));
        foreach (var scores in TrainingScores.Of(report.Metrics).Where(scores => scores.Split == split && IsCompared(scores)))
            tiles.Add(
                (
                    scores.Training == ScoreRow.Original ? "Accuracy without edits" : "Accuracy with edits",
                    Figures.Share(scores.Over(row => row.Accuracy)?.Mean ?? 0),
                    $"on {split}"
                )
            );
        return Html.Of(
            $"""
            <dl class="tiles">
            {Html.Each(tiles, tile => Html.Of($"<div><dt>{tile.Name}</dt><dd>{tile.Value} <small>{tile.More}</small></dd></div>"))}
            </dl>
            """
        );
    }

    private static bool IsCompared(TrainingScores scores) => scores.Training is ScoreRow.Original or ScoreRow.OriginalAndKept;
}

/// <summary>What the charts of a page show, by the ids of their places.</summary>
internal sealed class Charts
{
    private readonly Dictionary<string, object> charts = new(StringComparer.Ordinal);

    /// <summary>As JSON that may stand in a page: the default encoder escapes what could end a script.</summary>
    public Html Json => Html.Own(JsonSerializer.Serialize(charts, JsonSerializerOptions.Web));

    /// <summary>A figure with the place of a chart.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="note">More about it.</param>
    /// <param name="spoken">What the chart shows, in words, for those who do not see it.</param>
    /// <param name="chart">As the page's script takes it.</param>
    public Html Figure(string title, string note, string spoken, object chart)
    {
        var id = $"chart-{charts.Count}";
        charts[id] = chart;
        return Html.Of(
            $"""
            <figure class="chart"><figcaption>{title}<small>{note}</small></figcaption>
            <div class="plot" role="img" aria-label="{spoken}" data-chart="{id}"></div><noscript>{spoken}</noscript></figure>
            """
        );
    }
}

using Pipeline.Stages.Report.Facts;
using Pipeline.Stages.Report.Text;

namespace Pipeline.Stages.Report.Page;

/// <summary>What became of the edits: made, too easy, mislabelled, passed, chosen.</summary>
internal static class FunnelSection
{
    private const int MostRows = 60; // a page is read; all rows are in report.json

    public static Html Render(RunReport report)
    {
        var all = report.Funnel;
        return all.Made == 0
            ? Html.Of($"<p>No edit was made.</p>")
            : Html.Of(
                $"""
                <p>Too easy: the base classifier is surer of the class than of an average original of it, so the edit changed too little. Mislabelled: as sure of another
                class. Passed: neither.</p>
                {Parts.Stack(all, "large")}
                <ul class="legend">{Html.Each(Shares(all), part => Html.Of(
                    $"""<li><span class="swatch {part.Verdict}"></span>{part.Word} {Figures.Count(part.Count)} ({Figures.Share((double)part.Count / all.Made)})</li>"""
                ))}</ul>
                {Table("By class", "class", report.Classes, all)}
                {Table("By description", "{} stands for the class", report.Prompts, all)}
                """
            );
    }

    private static IEnumerable<(string Verdict, string Word, int Count)> Shares(FunnelRow all) =>
        Parts
            .Verdicts.Zip([all.Passed, all.TooEasy, all.Mislabelled, all.Unjudged])
            .Where(part => part.Second > 0)
            .Select(part => (part.First.Verdict, part.First.Word, part.Second));

    private static Html Table(string caption, string first, IReadOnlyList<FunnelRow> rows, FunnelRow all)
    {
        string[] heads =
        [
            first,
            "#made",
            "#too easy",
            "#mislabelled",
            "#passed",
            .. all.Stopped is null ? [] : new[] { "#stopped by another check" },
            .. all.Chosen is null ? [] : new[] { "#in training" },
            "what became of them",
        ];
        var note = rows.Count > MostRows ? $"The first {MostRows} of {rows.Count}; all are in report.json." : "";
        return Parts.Table(caption, note, heads, Html.Each(rows.Take(MostRows), row => Row(row, all)), Row(all, all));
    }

    private static Html Row(FunnelRow row, FunnelRow all) =>
        Html.Of(
            $"""
            <tr><th scope="row">{row.Name}</th>{Parts.Number(Figures.Count(row.Made))}{Parts.Number(Figures.Count(row.TooEasy))}{Parts.Number(
                Figures.Count(row.Mislabelled)
            )}{Parts.Number(Figures.Count(row.Passed))}{(all.Stopped is null ? Html.Empty : Parts.Number(Figures.Count(row.Stopped ?? 0)))}{(all.Chosen is null ? Html.Empty : Parts.Number(Figures.Count(row.Chosen ?? 0)))}<td>{Parts.Stack(
                row
            )}</td></tr>
            """
        );
}

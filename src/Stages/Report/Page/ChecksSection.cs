using Pipeline.Stages.Report.Facts;
using Pipeline.Stages.Report.Text;

namespace Pipeline.Stages.Report.Page;

/// <summary>What the checks beside the confidence filter say of edits, with originals beside them.</summary>
internal static class ChecksSection
{
    private const int MostClasses = 60; // a page is read; all rows are in report.json

    public static Html Render(ChecksReport checks) =>
        Html.Of(
            $"""
            {Html.Each(CheckTexts.Sentences(checks), sentence => Html.Of($"<p>{sentence}</p>"))}
            {(checks.Edits.Count == 0 ? Html.Empty : Parts.Table(
                "Checks of edits",
                "The first reason that applies is an edit's one reason in the account.",
                ["check", "#judged", "#kept", "why not"],
                Html.Each(checks.Edits, row => Row(CheckTexts.Cells(row)))
            ))}
            {(checks.Flags.Count == 0 ? Html.Empty : Parts.Table(
                "Flagged by the safety check",
                CheckTexts.FlagNote,
                ["class", "#originals", "#flagged", "#edits", "#flagged"],
                Html.Each(checks.Flags.Take(MostClasses), row => Row(CheckTexts.Cells(row))),
                Row(CheckTexts.Cells(CheckTexts.All(checks.Flags)))
            ))}
            """
        );

    private static Html Row(IReadOnlyList<string> cells) =>
        Html.Of($"""<tr><th scope="row">{cells[0]}</th>{Html.All(cells.Skip(1).Select(Parts.Number))}</tr>""");
}

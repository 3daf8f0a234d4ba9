using Pipeline.Stages.Report.Facts;
using Pipeline.Stages.Report.Text;

namespace Pipeline.Stages.Report.Page;

/// <summary>Where samples and edits have gone, what the data are, and what was set.</summary>
internal static class AccountSection
{
    private const int MostClasses = 60; // a page is read; all rows are in report.json

    public static Html Render(RunReport report)
    {
        var splits = report.Data.Select(cell => cell.Split).Distinct(StringComparer.Ordinal).ToList();
        var classes = report.Data.Select(cell => cell.Class).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var counts = report.Data.ToDictionary(cell => (cell.Split, cell.Class), cell => cell.Count);
        return Html.Of(
            $"""
            <p>Every sample and every edit is in one of these columns: nothing is lost without a word.</p>
            {Parts.Table(
                "Account",
                "",
                ["", "#came in", "#in the output", "#left out", "why", "#set aside", "#in failed batches"],
                Html.Each(report.Accounts, Account)
            )}
            {Parts.Table(
                "Samples by class and split",
                classes.Count > MostClasses ? $"The first {MostClasses} of {classes.Count} classes; all are in report.json." : "",
                ["class", .. splits.Select(split => $"#{split}")],
                Html.Each(
                    classes.Take(MostClasses),
                    name => Html.Of($"""<tr><th scope="row">{name}</th>{Html.Each(splits, split => Parts.Number(Figures.Count(counts.GetValueOrDefault((split, name)))))}</tr>""")
                )
            )}
            <details><summary>Every option of every stage</summary>
            {Parts.Table(
                "Options",
                "",
                ["option", "value"],
                Html.Each(report.Options, option => Html.Of($"""<tr><th scope="row">{option.Key}</th><td>{option.Value}</td></tr>""")),
                style: "settings"
            )}
            </details>
            """
        );
    }

    private static Html Account(AccountRow account)
    {
        var reasons = account.Dropped.Where(reason => reason.Value > 0).ToList();
        return Html.Of(
            $"""
            <tr><th scope="row">{account.Of}</th>{Parts.Number(Figures.Count(account.In))}{Parts.Number(Figures.Count(account.Kept))}{Parts.Number(
                Figures.Count(reasons.Sum(reason => reason.Value))
            )}<td>{string.Join(", ", reasons.Select(reason => $"{Figures.Count(reason.Value)} {reason.Key.Replace('_', ' ')}"))}</td>{Parts.Number(
                Figures.Count(account.Quarantined)
            )}{Parts.Number(Figures.Count(account.Failed))}</tr>
            """
        );
    }
}

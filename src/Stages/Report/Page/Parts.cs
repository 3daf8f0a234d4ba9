using System.Globalization;
using Pipeline.Stages.Report.Facts;
using Pipeline.Stages.Report.Seeds;
using Pipeline.Stages.Report.Text;

namespace Pipeline.Stages.Report.Page;

/// <summary>Pieces that several sections are made of.</summary>
internal static class Parts
{
    /// <summary>The verdicts in the order and the words in which they are shown; <c>unjudged</c> is the name of no verdict.</summary>
    public static IReadOnlyList<(string Verdict, string Word)> Verdicts { get; } =
    [(JudgedEdit.Keep, "passed"), (JudgedEdit.TooEasy, "too easy"), (JudgedEdit.Mislabelled, "mislabelled"), ("unjudged", "not judged")];

    /// <summary>A table that scrolls in itself where it is wider than the page.</summary>
    /// <param name="caption">What it shows.</param>
    /// <param name="note">More about it, or nothing.</param>
    /// <param name="heads">The first is that of the rows; those after it are numbers where they begin with <c>#</c>.</param>
    /// <param name="rows">The rows as HTML.</param>
    /// <param name="foot">A row below, or nothing.</param>
    /// <param name="style">A further class.</param>
    public static Html Table(string caption, string note, IEnumerable<string> heads, Html rows, Html? foot = null, string style = "") =>
        Html.Of(
            $"""
            <div class="scroll" tabindex="0" role="region" aria-label="{caption}"><table class="data {style}">
            <caption><span>{caption}{(note.Length == 0 ? Html.Empty : Html.Of($"<small>{note}</small>"))}</span></caption>
            <thead><tr>{Html.Each(heads, Head)}</tr></thead>
            <tbody>
            {rows}
            </tbody>
            {(foot is null ? Html.Empty : Html.Of($"<tfoot>{foot}</tfoot>"))}</table></div>
            """
        );

    /// <summary>A cell with a number.</summary>
    public static Html Number(string text) => Html.Of($"""<td class="number">{text}</td>""");

    /// <summary>A small square in the colour of the <paramref name="index"/>th training.</summary>
    public static Html Swatch(int index) => Html.Of($"""<span class="swatch t{Tone(index)}"></span>""");

    /// <summary>The colour of the <paramref name="index"/>th training; there are four.</summary>
    public static int Tone(int index) => index % 4;

    /// <summary>A mean and its interval on an axis.</summary>
    /// <param name="summary">Null for nothing.</param>
    /// <param name="tone">A class that gives the colour.</param>
    /// <param name="axis">The axis.</param>
    public static Html Interval(SeedSummary? summary, string tone, ShareAxis axis) =>
        summary is null
            ? Html.Empty
            : Html.Of(
                $"""
                <span class="interval {tone}" aria-hidden="true">{Bar(summary, axis)}<b style="--mean:{Number(
                    axis.At(summary.Mean)
                )}"></b></span>
                """
            );

    /// <summary>The bar of a funnel row; what it says stands beside it in numbers.</summary>
    public static Html Stack(FunnelRow row, string style = "") =>
        Html.Of(
            $"""
            <div class="stack {style}" role="img" aria-label="{row.Passed} passed, {row.TooEasy} too easy, {row.Mislabelled} mislabelled, {row.Unjudged} not judged">{Html.Each(
                Verdicts.Zip([row.Passed, row.TooEasy, row.Mislabelled, row.Unjudged]).Where(part => part.Second > 0),
                part => Html.Of($"""<span class="{part.First.Verdict}" style="--count:{part.Second}"></span>""")
            )}</div>
            """
        );

    /// <summary>Text in which what stands between backticks is code.</summary>
    public static Html WithCode(string text) =>
        Html.All(text.Split('`').Select((piece, index) => index % 2 == 0 ? Html.Of($"{piece}") : Html.Of($"<code>{piece}</code>")));

    private static Html Head(string head) =>
        head.StartsWith('#')
            ? Html.Of($"""<th scope="col" class="number">{head[1..]}</th>""")
            : Html.Of($"""<th scope="col">{head}</th>""");

    private static Html Bar(SeedSummary summary, ShareAxis axis) =>
        summary is { Low: { } low, High: { } high }
            ? Html.Of($"""<i style="--low:{Number(axis.At(low))};--high:{Number(axis.At(high))}"></i>""")
            : Html.Empty;

    private static string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);
}

/// <summary>A part of 0 to 1, in tenths, on which some shares are shown.</summary>
/// <param name="From">Left end.</param>
/// <param name="To">Right end.</param>
internal sealed record ShareAxis(double From, double To)
{
    private const double Tick = 0.1;

    /// <summary>The least axis that holds all intervals, or as much of them as is between 0 and 1.</summary>
    public static ShareAxis Of(IEnumerable<SeedSummary?> summaries)
    {
        var all = summaries.OfType<SeedSummary>().ToList();
        if (all.Count == 0)
            return new ShareAxis(0, 1);
        var from = Math.Floor(Math.Max(0, all.Min(summary => summary.Low ?? summary.Mean)) / Tick) * Tick;
        var to = Math.Ceiling(Math.Min(1, all.Max(summary => summary.High ?? summary.Mean)) / Tick) * Tick;
        return to > from ? new ShareAxis(from, to) : new ShareAxis(Math.Max(0, from - Tick), Math.Min(1, to + Tick));
    }

    /// <summary>Where a share lies, 0 at the left and 1 at the right end; what is outside lies at the end.</summary>
    public double At(double share) => Math.Clamp((share - From) / (To - From), 0, 1);

    /// <summary>The head of a column with such an axis.</summary>
    public string Name => $"{Figures.Whole(From)} to {Figures.Whole(To)}";
}

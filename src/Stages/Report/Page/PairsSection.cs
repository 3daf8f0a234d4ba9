using System.Globalization;
using Pipeline.Models.Images;
using Pipeline.Stages.Report.Facts;
using Pipeline.Stages.Report.Pictures;
using Pipeline.Stages.Report.Text;

namespace Pipeline.Stages.Report.Page;

/// <summary>Edits beside their sources, to be filtered by class, description and verdict.</summary>
internal static class PairsSection
{
    public static Html Render(RunReport report, IReadOnlyList<PicturePair> pairs) =>
        pairs.Count == 0
            ? Html.Of($"<p>There are no edits to show.</p>")
            : Html.Of(
                $"""
                <p>{Figures.Count(pairs.Count)} of {Figures.Count(
                    report.Funnel.Made
                )} edits, drawn by hash in turn from every class, description and verdict: what is rare is shown
                more often than it occurs. The number is the base classifier's confidence, against its limit.</p>
                <form class="filters">
                {Select("class", "Class", Kinds(pairs, pair => ($"{pair.Edit.Label}", pair.Edit.Class)))}
                {Select("prompt", "Description", Kinds(pairs, pair => ($"{pair.Edit.PromptIndex}", pair.Edit.Description)))}
                {Select("verdict", "Verdict", Parts.Verdicts.Where(verdict => pairs.Any(pair => Verdict(pair).Verdict == verdict.Verdict)))}
                <button type="reset">Show all</button>
                <output aria-live="polite"></output>
                </form>
                <div class="pairs">
                {Html.Each(pairs, Pair)}
                </div>
                <p class="more" hidden><button type="button">Show the rest</button></p>
                """
            );

    /// <summary>Each kind once, by its number.</summary>
    private static IEnumerable<(string Value, string Name)> Kinds(
        IEnumerable<PicturePair> pairs,
        Func<PicturePair, (string Value, string Name)> kind
    ) => pairs.Select(kind).DistinctBy(pair => pair.Value).OrderBy(pair => int.Parse(pair.Value, CultureInfo.InvariantCulture));

    private static Html Select(string name, string label, IEnumerable<(string Value, string Name)> values) =>
        Html.Of(
            $"""
            <label>{label}<select name="{name}"><option value="">all</option>{Html.Each(
                values,
                value => Html.Of($"""<option value="{value.Value}">{value.Name}</option>""")
            )}</select></label>
            """
        );

    private static Html Pair(PicturePair pair)
    {
        var edit = pair.Edit;
        var (verdict, word) = Verdict(pair);
        return Html.Of(
            $"""
            <figure class="pair {verdict}" data-class="{edit.Label}" data-prompt="{edit.PromptIndex}" data-verdict="{verdict}">
            <div class="pictures">{Picture(pair.Before, $"original, {edit.Class}")}{Picture(pair.After, $"edit: {edit.Prompt}")}</div>
            <figcaption><span class="head"><span class="word">{word}{(edit.Chosen == true ? ", in training" : "")}</span><span>{Score(
                edit
            )}</span></span>
            <strong>{edit.Class}</strong> <span class="what">{edit.Prompt}</span></figcaption></figure>
            """
        );
    }

    private static string Score(JudgedEdit edit) =>
        edit.Verdict is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{edit.Confidence:F2} / {edit.Limit:F2}");

    private static (string Verdict, string Word) Verdict(PicturePair pair) =>
        Parts.Verdicts.FirstOrDefault(known => known.Verdict == pair.Edit.Verdict, Parts.Verdicts[^1]);

    private static Html Picture(Thumbnail? picture, string alternative) =>
        picture is null
            ? Html.Of($"<span>the original is not where it was</span>")
            : Html.Of(
                $"""<img src="data:image/jpeg;base64,{Html.Own(Convert.ToBase64String(picture.Jpeg))}" width="{picture.Width}" height="{picture.Height}" alt="{alternative}" decoding="async">"""
            );
}

using Pipeline.Stages.Report.Facts;

namespace Pipeline.Stages.Report.Text;

/// <summary>What the checks came to, in words and cells that page and Markdown share.</summary>
internal static class CheckTexts
{
    /// <summary>Heads of the table of checks.</summary>
    public static readonly IReadOnlyList<string> EditHeads = ["check of edits", "judged", "kept", "why not"];

    /// <summary>Heads of the table of flag rates.</summary>
    public static readonly IReadOnlyList<string> FlagHeads = ["class", "originals", "flagged", "edits", "flagged"];

    /// <summary>What must be known to read the flag rates.</summary>
    public const string FlagNote =
        "How often the checker is wrong is not known. Its rate on originals is what its rate on edits can be read against.";

    /// <summary>A row of the table of checks.</summary>
    public static IReadOnlyList<string> Cells(CheckRow row) =>
        [
            row.Stage,
            Figures.Count(row.Judged),
            Figures.Count(row.Kept),
            string.Join(", ", row.Reasons.Select(reason => $"{Figures.Count(reason.Value)} {reason.Key.Replace('_', ' ')}")),
        ];

    /// <summary>A row of the table of flag rates.</summary>
    public static IReadOnlyList<string> Cells(FlagRow row) =>
        [
            row.Class,
            Figures.Count(row.Originals),
            Flagged(row.OriginalsFlagged, row.Originals),
            Figures.Count(row.Edits),
            Flagged(row.EditsFlagged, row.Edits),
        ];

    /// <summary>All classes in one row.</summary>
    public static FlagRow All(IReadOnlyList<FlagRow> rows) =>
        new(
            "all classes",
            rows.Sum(row => row.Originals),
            rows.Sum(row => row.OriginalsFlagged),
            rows.Sum(row => row.Edits),
            rows.Sum(row => row.EditsFlagged)
        );

    /// <summary>The other figures, each a sentence.</summary>
    public static IEnumerable<string> Sentences(ChecksReport checks)
    {
        if (checks.Health is { } health)
            yield return $"Health of the semantic filter: it would refuse {Figures.Count(health.Refused)} of {Figures.Count(health.Judged)} training originals ({Figures.Share(health.Share)}; healthy is at most {Figures.Whole(HealthFigure.MostRefused)}).";
        if (checks.Rank is { } rank)
            yield return $"Ranks by KNN-GIQA: {Figures.Count(rank.Edits)} edits among {Figures.Count(rank.References)} training originals, {rank.Neighbours} nearest; the features are the image embeddings of {rank.Features} ({rank.Dimension} values).";
        if (checks.Duplicates is { } found)
            yield return $"Near-duplicates among {Figures.Count(found.Images)} images, {Figures.Count(found.Embedded)} with embeddings: pairs across training and other splits {Figures.Count(found.AcrossSplits)}, "
                + $"within training {Figures.Count(found.WithinTraining)}, within other splits {Figures.Count(found.OutsideTraining)}; dropped from training: originals {Figures.Count(found.DroppedSamples)}, edits {Figures.Count(found.DroppedEdits)}.";
    }

    private static string Flagged(int flagged, int of) =>
        of == 0 ? Figures.None : $"{Figures.Count(flagged)} ({Figures.Share((double)flagged / of)})";
}

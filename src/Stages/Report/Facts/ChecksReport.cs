using System.Text.Json.Serialization;

namespace Pipeline.Stages.Report.Facts;

/// <summary>What the checks beside the confidence filter say: of edits, and of originals to read that against.</summary>
public sealed record ChecksReport
{
    /// <summary>Each stage that judges edits, in the pipeline's order.</summary>
    public IReadOnlyList<CheckRow> Edits { get; init; } = [];

    /// <summary>How often the safety check flags originals and edits, a row a class, in the order of the labels; empty without one.</summary>
    public IReadOnlyList<FlagRow> Flags { get; init; } = [];

    /// <summary>How many training originals the semantic filter would refuse; null where that is not asked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public HealthFigure? Health { get; init; }

    /// <summary>Images that look alike; null where they are not sought.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DuplicateFigures? Duplicates { get; init; }

    /// <summary>What the rank of edits among originals rests on; null without one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RankFigures? Rank { get; init; }
}

/// <summary>What one stage says of the edits.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Judged">Edits that it judged.</param>
/// <param name="Reasons">Edits with another verdict than <c>keep</c>, by verdict, in ordinal order.</param>
public sealed record CheckRow(string Stage, int Judged, IReadOnlyDictionary<string, int> Reasons)
{
    /// <summary>Edits that it would keep.</summary>
    public int Kept => Judged - Reasons.Values.Sum();
}

/// <summary>How often the safety check flags images of one class.</summary>
/// <param name="Class">The class.</param>
/// <param name="Originals">Originals checked.</param>
/// <param name="OriginalsFlagged">Of these, flagged.</param>
/// <param name="Edits">Edits checked.</param>
/// <param name="EditsFlagged">Of these, flagged.</param>
public sealed record FlagRow(string Class, int Originals, int OriginalsFlagged, int Edits, int EditsFlagged);

/// <summary>The semantic filter's rule on the training originals: what real images do not pass says nothing about edits (ALIA logs the same figure).</summary>
/// <param name="Stage">The stage that asked.</param>
/// <param name="Judged">Training originals judged.</param>
/// <param name="Refused">Of these, the ones that it would refuse.</param>
public sealed record HealthFigure(string Stage, int Judged, int Refused)
{
    /// <summary>Above this share of refused originals the prompts do not fit the data set.</summary>
    public const double MostRefused = 0.10;

    /// <summary>Share of the judged that would be refused, 0 to 1.</summary>
    public double Share => Judged == 0 ? 0 : (double)Refused / Judged;

    /// <summary>Whether a person should be warned.</summary>
    public bool IsUnhealthy => Share > MostRefused;
}

/// <summary>What a search for near-duplicates came to.</summary>
/// <param name="Images">Originals and edits compared.</param>
/// <param name="Embedded">Of these, with embeddings.</param>
/// <param name="WithinTraining">Pairs of training images, those of one source left out.</param>
/// <param name="AcrossSplits">Pairs of a training image and one of another split.</param>
/// <param name="OutsideTraining">Pairs of images of other splits.</param>
/// <param name="DroppedSamples">Originals left out.</param>
/// <param name="DroppedEdits">Edits left out for themselves.</param>
public sealed record DuplicateFigures(
    int Images,
    int Embedded,
    long WithinTraining,
    long AcrossSplits,
    long OutsideTraining,
    int DroppedSamples,
    int DroppedEdits
);

/// <summary>What the rank of edits rests on.</summary>
/// <param name="Features">The encoder whose embeddings were compared.</param>
/// <param name="Dimension">Values of one, stored as halves.</param>
/// <param name="References">Training originals that edits were compared with.</param>
/// <param name="Neighbours">Nearest references that counted.</param>
/// <param name="Edits">Edits ranked.</param>
public sealed record RankFigures(string Features, int Dimension, int References, int Neighbours, int Edits);

namespace Pipeline.Stages.Select;

/// <summary>Why an edit is not in the augmented training set. The first that applies, in the order of <see cref="All"/>, is its one reason.</summary>
public static class DropReasons
{
    /// <summary>What stands before a reason for which the edit's source is left out.</summary>
    public const string OfSource = "source_";

    /// <summary>The safety check flags it.</summary>
    public const string Unsafe = "unsafe";

    /// <summary>The search for near-duplicates: it looks like an image of another split.</summary>
    public const string DuplicatesTest = "duplicates_test";

    /// <summary>The semantic filter: something else than the task is likelier.</summary>
    public const string OffTopic = "off_topic";

    /// <summary>The semantic filter: it is too far from its source.</summary>
    public const string FarFromSource = "far_from_source";

    /// <summary>The semantic filter: it is too far from its prompt.</summary>
    public const string FarFromPrompt = "far_from_prompt";

    /// <summary>The semantic filter: the image changed in another direction than the text.</summary>
    public const string WrongDirection = "wrong_direction";

    /// <summary>The filter's verdict: the base classifier is sure of the right class, so the edit changed too little.</summary>
    public const string TooEasy = "too_easy";

    /// <summary>The filter's verdict: the base classifier is sure of another class.</summary>
    public const string Mislabelled = "mislabelled";

    /// <summary>The quality check: its aesthetic score is too low.</summary>
    public const string LowScore = "low_score";

    /// <summary>The quality check: its score and its source's differ too much.</summary>
    public const string LargeGap = "large_gap";

    /// <summary>The quality check: it is not sharp enough.</summary>
    public const string Blurred = "blurred";

    /// <summary>The quality check: too much of it is nearly black or nearly white.</summary>
    public const string BadlyExposed = "badly_exposed";

    /// <summary>The rank among real images is too low.</summary>
    public const string LowRank = "low_rank";

    /// <summary>Only first variants were to be considered.</summary>
    public const string NotFirstVariant = "not_first_variant";

    /// <summary>Enough other edits of the same source were chosen.</summary>
    public const string OtherEditChosen = "other_edit_chosen";

    /// <summary>Its class had all the edits that it may have.</summary>
    public const string OverQuota = "over_quota";

    /// <summary>The verdicts by which an edit is unfit, the one that is looked at first before the others.</summary>
    public static IReadOnlyList<string> Verdicts { get; } =
    [
        OfSource + Unsafe,
        OfSource + DuplicatesTest,
        Unsafe,
        DuplicatesTest,
        OffTopic,
        FarFromSource,
        FarFromPrompt,
        WrongDirection,
        TooEasy,
        Mislabelled,
        LowScore,
        LargeGap,
        Blurred,
        BadlyExposed,
        LowRank,
    ];

    /// <summary>Every reason, the one that is looked at first before the others.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Verdicts, NotFirstVariant, OtherEditChosen, OverQuota];

    /// <summary>The reasons that every selection counts, none or some; the others are counted where they occur.</summary>
    internal static IReadOnlyList<string> Always { get; } = [TooEasy, Mislabelled, NotFirstVariant, OtherEditChosen, OverQuota];
}

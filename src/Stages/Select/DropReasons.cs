namespace Pipeline.Stages.Select;

/// <summary>Why an edit is not in the augmented training set. The first that applies, in the order of <see cref="All"/>, is its one reason.</summary>
public static class DropReasons
{
    /// <summary>The filter's verdict: the base classifier is sure of the right class, so the edit changed too little.</summary>
    public const string TooEasy = "too_easy";

    /// <summary>The filter's verdict: the base classifier is sure of another class.</summary>
    public const string Mislabelled = "mislabelled";

    /// <summary>Only first variants were to be considered.</summary>
    public const string NotFirstVariant = "not_first_variant";

    /// <summary>Enough other edits of the same source were chosen.</summary>
    public const string OtherEditChosen = "other_edit_chosen";

    /// <summary>Its class had all the edits that it may have.</summary>
    public const string OverQuota = "over_quota";

    /// <summary>Every reason, the one that is looked at first before the others.</summary>
    public static IReadOnlyList<string> All { get; } = [TooEasy, Mislabelled, NotFirstVariant, OtherEditChosen, OverQuota];
}

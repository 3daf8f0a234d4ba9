namespace Pipeline.Stages.Report.Facts;

/// <summary>An edit and what became of it.</summary>
/// <param name="Batch">Index of its batch.</param>
/// <param name="SampleId">Its source.</param>
/// <param name="VariantId">The edit.</param>
/// <param name="Label">Its class.</param>
/// <param name="Class">Name of its class.</param>
/// <param name="PromptIndex">Index of the description that it was made by.</param>
/// <param name="Description">That description, with <c>{}</c> in place of the class.</param>
/// <param name="Prompt">What was asked for, with the class in it.</param>
/// <param name="Verdict">The filter's; null without one.</param>
/// <param name="Confidence">The filter's, 0 to 1.</param>
/// <param name="Limit">What the confidence was held against.</param>
/// <param name="Chosen">Whether it is in the training set; null where none were selected from.</param>
public sealed record JudgedEdit(
    int Batch,
    string SampleId,
    string VariantId,
    int Label,
    string Class,
    int PromptIndex,
    string Description,
    string Prompt,
    string? Verdict,
    double Confidence,
    double Limit,
    bool? Chosen
)
{
    /// <summary>Whether another check than the filter stops it; null where there is none.</summary>
    public bool? Stopped { get; init; }

    /// <summary>The filter's word for an edit that it is unsure about.</summary>
    public const string Keep = "keep";

    /// <summary>The filter's word for an edit that is surely of its class.</summary>
    public const string TooEasy = "too_easy";

    /// <summary>The filter's word for an edit that is surely of another class.</summary>
    public const string Mislabelled = "mislabelled";
}

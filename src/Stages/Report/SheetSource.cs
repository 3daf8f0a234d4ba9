using Pipeline.Models.Images;

namespace Pipeline.Stages.Report;

/// <summary>One row of the contact sheet: an original and its edits.</summary>
/// <param name="ClassName">Name of its class.</param>
/// <param name="Picture">The original, of any size; null when it is not where it was.</param>
/// <param name="Edits">In the order in which they are shown.</param>
public sealed record SheetSource(string ClassName, RgbImage? Picture, IReadOnlyList<SheetEdit> Edits);

/// <summary>An edit on the contact sheet.</summary>
/// <param name="Prompt">What was asked for.</param>
/// <param name="Verdict"><c>keep</c>, <c>too_easy</c> or <c>mislabelled</c>; anything else, such as an empty text, is framed grey.</param>
/// <param name="Confidence">The filter's confidence, 0 to 1; null where no filter looked at it.</param>
/// <param name="Picture">The edit, of any size.</param>
public sealed record SheetEdit(string Prompt, string Verdict, float? Confidence, RgbImage Picture);

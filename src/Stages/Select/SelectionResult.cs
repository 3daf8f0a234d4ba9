namespace Pipeline.Stages.Select;

/// <summary>What was selected and why the rest was not.</summary>
/// <param name="Selected">In order of batch, then variant id; with replacement an edit may stand there several times in a row.</param>
/// <param name="Shortfalls">Classes short of their quota, by label.</param>
/// <param name="Dropped">Number of candidates by reason of <see cref="DropReasons.All"/>; with the different edits selected they sum to the candidates.</param>
public sealed record SelectionResult(
    IReadOnlyList<SelectedEdit> Selected,
    IReadOnlyList<Shortfall> Shortfalls,
    IReadOnlyDictionary<string, int> Dropped
);

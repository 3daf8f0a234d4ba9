namespace Pipeline.Stages.Failures;

/// <summary>Says that one attempt of a failed batch is tried again, or was given up, and by whom. Lies in <c>replays/{stage}/{batch:D8}.{attempt}.json</c>: whoever writes it first has the claim.</summary>
/// <remarks>Claims are never deleted: they are the record of what was done, and the settings of the last one are those of the batch from then on.</remarks>
/// <param name="Stage">The stage.</param>
/// <param name="Batch">Index of the batch.</param>
/// <param name="Attempt">The attempt that failed; 1 or more.</param>
/// <param name="Replay">Id of the command that claimed it.</param>
/// <param name="Dropped">True when it was given up and stays failed.</param>
/// <param name="Sets">Each <c>stage.option=value</c> that holds for this batch from then on; empty for the pipeline's own.</param>
public sealed record ReplayClaim(string Stage, int Batch, int Attempt, string Replay, bool Dropped, IReadOnlyList<string> Sets);

namespace Pipeline.Stages.Failures;

/// <summary>That failed batches are tried again, or were given up, and by which command. Lies in <c>replays/{replay}.{part}.claim</c>; each batch that it claims is a second name of that file.</summary>
/// <param name="Replay">Id of the command.</param>
/// <param name="Dropped">True when the batches were given up and stay failed.</param>
/// <param name="Sets">Each <c>stage.option=value</c> that holds for these batches from then on; empty for the pipeline's own.</param>
public sealed record ReplayClaim(string Replay, bool Dropped, IReadOnlyList<string> Sets);

/// <summary>A claim on one attempt of a failed batch.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Batch">Index of the batch.</param>
/// <param name="Attempt">The attempt that failed; 1 or more.</param>
/// <param name="Claim">Who has it.</param>
public sealed record ClaimedAttempt(string Stage, int Batch, int Attempt, ReplayClaim Claim);

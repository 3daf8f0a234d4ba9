namespace Pipeline.Stages.Flow;

/// <summary>Why a batch failed in a stage. Lies beside the shards as <c>{batch:D8}.failed.json</c>; the next success deletes it.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Batch">Index of the batch.</param>
/// <param name="Error">Type of the error.</param>
/// <param name="Message">What was found, what was wanted and what to do.</param>
/// <param name="Stack">Where it was thrown, for developers.</param>
/// <param name="RowsIn">Rows that the stage was given; -1 when they could not be read.</param>
/// <param name="Fingerprint">Of the stage when it failed.</param>
public sealed record FailureRecord(string Stage, int Batch, string Error, string Message, string? Stack, int RowsIn, string Fingerprint);

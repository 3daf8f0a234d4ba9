namespace Pipeline.Stages.Ingest;

/// <summary>What fetching an image came to: one of both is null.</summary>
/// <param name="Bytes">The encoded image.</param>
/// <param name="Refusal">Why there is none.</param>
public readonly record struct Fetched(byte[]? Bytes, Rejected? Refusal);

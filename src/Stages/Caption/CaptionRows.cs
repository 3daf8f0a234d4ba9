using Pipeline.Sdk;

namespace Pipeline.Stages.Caption;

/// <summary>What the caption stage reads of a sample.</summary>
public sealed record CaptionInput(
    [Reads("ingest", "sample_id")] string SampleId,
    [Reads("ingest", "uri")] string Uri,
    [Reads("ingest", "container")] string? Container,
    [Reads("ingest", "offset")] long Offset,
    [Reads("ingest", "length")] long Length,
    [Reads("ingest", "image")] byte[]? Image
) : ISampleRow;

/// <summary>What the caption stage adds.</summary>
/// <param name="SampleId">The sample.</param>
/// <param name="Caption">One sentence about the image.</param>
public sealed record CaptionRow(string SampleId, string Caption);

namespace Pipeline.Sdk;

/// <summary>The row to read when a stage wants the encoded bytes of samples and nothing else; <see cref="StageContext.Bytes"/> gives them.</summary>
/// <param name="SampleId">The sample, 32 hexadecimal digits.</param>
/// <param name="Uri">What identifies the sample, relative to the input root; the file, unless there is a container.</param>
/// <param name="Container">The file that holds the image among others, or null.</param>
/// <param name="Offset">Where in the file the bytes begin.</param>
/// <param name="Length">How many they are.</param>
/// <param name="Image">The bytes, when the row carries them.</param>
public sealed record IngestedImage(
    [Reads("ingest", "sample_id")] string SampleId,
    [Reads("ingest", "uri")] string Uri,
    [Reads("ingest", "container")] string? Container,
    [Reads("ingest", "offset")] long Offset,
    [Reads("ingest", "length")] long Length,
    [Reads("ingest", "image")] byte[]? Image
) : ISampleRow;

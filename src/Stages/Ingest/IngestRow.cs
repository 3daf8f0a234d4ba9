using Pipeline.Shards.Records;

namespace Pipeline.Stages.Ingest;

/// <summary>The columns that ingest adds: one row a sample.</summary>
/// <param name="SampleId">32 hexadecimal digits, determined by the encoded bytes and <paramref name="Uri"/> alone.</param>
/// <param name="Uri">Path relative to the input root, parts separated by '/', not percent-encoded; within a container the image's name follows; or an address.</param>
/// <param name="Container">The file that holds the image among others, relative to the input root; null when <paramref name="Uri"/> is the file, or the bytes are here.</param>
/// <param name="Offset">Where the encoded image begins in the file, in bytes.</param>
/// <param name="Length">Bytes of the encoded image.</param>
/// <param name="Image">The encoded image; null unless shards carry images.</param>
/// <param name="Width">Pixels in a row once decoded and turned upright.</param>
/// <param name="Height">Rows once decoded and turned upright.</param>
/// <param name="Label">Index of the class.</param>
/// <param name="LabelName">The class.</param>
/// <param name="Split">train, validation, or a test split's own name, which begins with test.</param>
/// <param name="Group">What metrics are also told by; empty if the source says nothing.</param>
/// <param name="Extra">The source's further columns, by the names they have there.</param>
public sealed record IngestRow(
    string SampleId,
    string Uri,
    string? Container,
    long Offset,
    long Length,
    byte[]? Image,
    int Width,
    int Height,
    int Label,
    string LabelName,
    string Split,
    string Group,
    [ExtraColumns] IReadOnlyDictionary<string, string> Extra
);

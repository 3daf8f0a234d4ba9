using Pipeline.Sdk;

namespace Pipeline.Benchmarks.Cluster;

/// <summary>A file of the source.</summary>
/// <param name="SampleId">The sample.</param>
/// <param name="Uri">The file's name in its folder.</param>
/// <param name="Length">Bytes.</param>
public sealed record FileRow(string SampleId, string Uri, long Length);

/// <summary>What the stage reads of it.</summary>
public sealed record FileInput(
    [Reads("source", "sample_id")] string SampleId,
    [Reads("source", "uri")] string Uri,
    [Reads("source", "length")] long Length
) : ISampleRow;

/// <summary>What it adds.</summary>
/// <param name="SampleId">The sample.</param>
/// <param name="PixelHash">XXH3-128 of the pixels, 32 hexadecimal digits.</param>
public sealed record PixelHashRow(string SampleId, string PixelHash);

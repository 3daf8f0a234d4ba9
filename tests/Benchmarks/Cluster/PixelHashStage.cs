using System.Globalization;
using System.IO.Hashing;
using Pipeline.Models.Images;
using Pipeline.Sdk;
using Pipeline.Stages.Flow;

namespace Pipeline.Benchmarks.Cluster;

/// <summary>Decodes a file at 224 x 224 px and hashes the pixels.</summary>
/// <param name="root">The folder of the files.</param>
internal sealed class PixelHashStage(string root) : IStage<FileInput, RgbImage, string, PixelHashRow>
{
    private const int EdgePixels = 224;

    public IReadOnlyList<Item<RgbImage>> Prepare(FileInput row) => [new(row.SampleId, null, Decode(root, row.Uri, row.Length))];

    public ValueTask<IReadOnlyList<string>> InferAsync(IReadOnlyList<Item<RgbImage>> items, CancellationToken stop) =>
        ValueTask.FromResult<IReadOnlyList<string>>([.. items.Select(item => Hash(item.Value))]);

    public PixelHashRow Finish(Item<RgbImage> item, string result) => new(item.SampleId, result);

    /// <summary>Reads a file and decodes it.</summary>
    internal static RgbImage Decode(string root, string uri, long length) =>
        ImageDecoder.DecodeToSize(SampleBytes.Read(root, uri, container: null, 0, length, embedded: null), EdgePixels, EdgePixels);

    internal static string Hash(RgbImage image) => XxHash128.HashToUInt128(image.Pixels).ToString("x32", CultureInfo.InvariantCulture);
}

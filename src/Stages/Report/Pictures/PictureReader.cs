using Pipeline.Models.Images;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Report.Facts;
using Pipeline.Stages.Runs;

namespace Pipeline.Stages.Report.Pictures;

/// <summary>Reads chosen edits and their sources, and makes them small.</summary>
/// <param name="shards">The run's shards.</param>
/// <param name="root">Folder that the uris of the sources are relative to.</param>
internal sealed class PictureReader(RunShards shards, string root)
{
    private const int Side = 160; // the longer one; on a dense screen still as sharp as a card is wide
    private const int Quality = 80;

    /// <summary>A pair for every edit, in their order; one batch's edits are held at a time.</summary>
    public async Task<IReadOnlyList<PicturePair>> ReadAsync(IReadOnlyList<JudgedEdit> edits, CancellationToken stop)
    {
        var pairs = new Dictionary<string, PicturePair>(StringComparer.Ordinal);
        foreach (var batch in edits.GroupBy(edit => edit.Batch).OrderBy(batch => batch.Key))
        {
            var made = (await shards.ReadAsync<EditRow>("edit", batch.Key, stop)).ToDictionary(
                row => row.VariantId,
                StringComparer.Ordinal
            );
            var sources = (await shards.ReadAsync<SourceRow>("ingest", batch.Key, stop)).ToDictionary(
                row => row.SampleId,
                StringComparer.Ordinal
            );
            foreach (var edit in batch)
            {
                stop.ThrowIfCancellationRequested();
                pairs[edit.VariantId] = new PicturePair(edit, Source(sources[edit.SampleId]), Small(made[edit.VariantId].Image));
            }
        }

        return [.. edits.Select(edit => pairs[edit.VariantId])];
    }

    private static Thumbnail Small(byte[] encoded)
    {
        var picture = ImageDecoder.Decode(encoded);
        var longer = Math.Max(picture.Width, picture.Height);
        var small =
            longer <= Side
                ? picture
                : ImageResize.To(
                    picture,
                    Math.Max(1, (int)((long)picture.Width * Side / longer)),
                    Math.Max(1, (int)((long)picture.Height * Side / longer))
                );
        return new Thumbnail(JpegEncoder.Encode(small, Quality), small.Width, small.Height);
    }

    private Thumbnail? Source(SourceRow row)
    {
        try
        {
            return Small(SampleBytes.Read(root, row.Uri, row.Offset, row.Length, row.Image));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException or ImageRejectedException)
        {
            return null; // a report may be made again after the input was moved
        }
    }

    private sealed record EditRow(string VariantId, byte[] Image);

    private sealed record SourceRow(string SampleId, string Uri, long Offset, long Length, byte[]? Image);
}

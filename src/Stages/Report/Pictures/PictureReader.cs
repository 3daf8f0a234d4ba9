using Pipeline.Models.Images;
using Pipeline.Sdk;
using Pipeline.Stages.Report.Facts;
using Pipeline.Stages.Runs;

namespace Pipeline.Stages.Report.Pictures;

/// <summary>Reads chosen edits and their sources; only the batches that they are in.</summary>
/// <param name="shards">The run's shards.</param>
/// <param name="root">Folder that the uris of the sources are relative to.</param>
internal sealed class PictureReader(RunShards shards, string root)
{
    /// <summary>Every edit and its source, as <paramref name="take"/> makes of them what is kept; one batch's edits are held at a time.</summary>
    /// <typeparam name="T">What is kept of a picture.</typeparam>
    /// <param name="edits">The edits, each once.</param>
    /// <param name="take">Is given a decoded picture.</param>
    /// <param name="stop">Ends the reading.</param>
    /// <returns>By variant id; the source is null when it is not where it was.</returns>
    public async Task<IReadOnlyDictionary<string, (T? Before, T After)>> ReadAsync<T>(
        IEnumerable<JudgedEdit> edits,
        Func<RgbImage, T> take,
        CancellationToken stop
    )
        where T : class
    {
        var pairs = new Dictionary<string, (T? Before, T After)>(StringComparer.Ordinal);
        foreach (var batch in edits.GroupBy(edit => edit.Batch).OrderBy(batch => batch.Key))
        {
            var made = (await shards.ReadAsync<EditRow>("edit", batch.Key, stop))
                .DistinctBy(row => row.VariantId)
                .ToDictionary(row => row.VariantId, StringComparer.Ordinal);
            var sources = (await shards.ReadAsync<SourceRow>("ingest", batch.Key, stop))
                .DistinctBy(row => row.SampleId)
                .ToDictionary(row => row.SampleId, StringComparer.Ordinal);
            foreach (var edit in batch)
            {
                stop.ThrowIfCancellationRequested();
                pairs[edit.VariantId] = (Source(sources[edit.SampleId], take), take(ImageDecoder.Decode(made[edit.VariantId].Image)));
            }
        }

        return pairs;
    }

    private T? Source<T>(SourceRow row, Func<RgbImage, T> take)
        where T : class
    {
        try
        {
            return take(ImageDecoder.Decode(SampleBytes.Read(root, row.Uri, row.Container, row.Offset, row.Length, row.Image)));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException or ImageRejectedException)
        {
            return null; // a report may be made again after the input was moved
        }
    }

    private sealed record EditRow(string VariantId, byte[] Image);

    private sealed record SourceRow(string SampleId, string Uri, string? Container, long Offset, long Length, byte[]? Image);
}

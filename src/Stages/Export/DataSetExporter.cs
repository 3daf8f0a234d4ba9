using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Pipeline.Shards;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Export.Card;

namespace Pipeline.Stages.Export;

/// <summary>Writes the augmented data set: the originals of every split, and in the training split the selected edits beside them.</summary>
/// <remarks>
/// Two passes. The first reads ids and sizes and settles which rows each file holds, so that a file has its final name from the start; the
/// second reads batch by batch and writes. At most one file and one batch are in memory. Equal input gives equal bytes.
/// </remarks>
public static partial class DataSetExporter
{
    private const string Folder = "augmented/";

    /// <summary>
    /// Writes <c>augmented/{split}-{index:D5}-of-{count:D5}.parquet</c> for each split that has rows, the manifest after each file, and at the end the
    /// card and the Croissant description. Files of an earlier export that are not part of this one go when the new ones are all there; other
    /// files in the folder stay.
    /// </summary>
    /// <exception cref="InvalidDataException">An original has changed, a selected edit is not there or is not of a training sample, or columns disagree.</exception>
    public static async Task<ExportResult> WriteAsync(
        ExportRequest request,
        ExportOptions options,
        IShardStore store,
        CancellationToken stop = default
    )
    {
        var schema = await ExportSchema.ReadAsync(request, stop);
        var rows = new ExportRows(request);
        await rows.FindAsync(stop);
        var features = schema.Features(request.ClassNames);
        var counts = new ExportCounts();
        var written = new List<ExportedFile>();
        foreach (var (split, ofSplit) in rows.BySplit)
        {
            var files = Cut(ofSplit, options.ShardBytes).ToList();
            var batches = new OpenBatch(request, schema);
            for (var index = 0; index < files.Count; index++)
            {
                var footer = request.Footer with { Batch = index, Extra = WithFeatures(request.Footer.Extra, features) };
                var table = await TableAsync(schema, batches, files[index], counts, stop);
                if (written.Count == 0)
                    await new ExportManifest(Complete: false, []).WriteAsync(store, stop); // before a file that an earlier one lists may change
                var name = $"{split}-{index:D5}-of-{files.Count:D5}.parquet";
                var stamp = await ShardFile.WriteAsync(store, Folder + name, table, footer, options.RowGroupBytes, stop);
                var hash = await HashAsync(store, stamp.Uri, stop);
                written.Add(new ExportedFile(name, split, stamp.Rows, stamp.Bytes, stamp.Content, hash));
                await new ExportManifest(Complete: false, written).WriteAsync(store, stop);
            }
        }

        await RemoveOldAsync(store, [.. written.Select(file => Folder + file.File)], stop);
        var content = new CardContent(
            request.Facts,
            options,
            request.Footer.Seed,
            request.ClassNames,
            schema.Described(),
            written,
            counts,
            await ExportVerdicts.ReadAsync(request, stop),
            request.LeftOut.Count,
            rows.EditsLeftOut
        );
        await store.WriteAsync(DatasetCard.Uri, Encoding.UTF8.GetBytes(DatasetCard.Of(content)), stop);
        await store.WriteAsync(Croissant.Uri, Encoding.UTF8.GetBytes(Croissant.Of(content)), stop);
        await new ExportManifest(Complete: true, written).WriteAsync(store, stop);
        return new ExportResult(
            [.. written.Select(file => Folder + file.File), DatasetCard.Uri, Croissant.Uri, ExportManifest.Uri],
            rows.BySplit.ToDictionary(split => split.Key, split => split.Value.Count(row => row.Stage is null), StringComparer.Ordinal),
            rows.BySplit.Values.Sum(split => split.Count(row => row.Stage is not null)),
            rows.EditsLeftOut
        );
    }

    private static async Task<string> HashAsync(IShardStore store, string uri, CancellationToken stop)
    {
        await using var file = await store.OpenReadAsync(uri, stop);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, stop));
    }

    /// <summary>Cuts rows so that a file ends with the row that brings its images to <paramref name="bytes"/>.</summary>
    private static IEnumerable<List<ExportRow>> Cut(IEnumerable<ExportRow> rows, long bytes)
    {
        var file = new List<ExportRow>();
        var sum = 0L;
        foreach (var row in rows)
        {
            file.Add(row);
            sum += row.Bytes;
            if (sum < bytes)
                continue;
            yield return file;
            (file, sum) = ([], 0L);
        }

        if (file.Count > 0)
            yield return file;
    }

    private static async Task<ShardTable> TableAsync(
        ExportSchema schema,
        OpenBatch batches,
        List<ExportRow> rows,
        ExportCounts counts,
        CancellationToken stop
    )
    {
        var columns = schema.Columns.Select(_ => new List<object?>(rows.Count)).ToList();
        foreach (var row in rows)
        {
            var cells = (await batches.AtAsync(row, stop)).CellsOf(row);
            counts.Add(cells);
            for (var column = 0; column < columns.Count; column++)
                columns[column].Add(cells.GetValueOrDefault(schema.Columns[column].Name));
        }

        return new ShardTable([.. schema.Columns.Select((column, index) => Cells.Column(column.Name, column.Kind, columns[index]))]);
    }

    private static Dictionary<string, string> WithFeatures(IReadOnlyDictionary<string, string> extra, string features) =>
        new(extra, StringComparer.Ordinal) { ["huggingface"] = features };

    private static async Task RemoveOldAsync(IShardStore store, HashSet<string> written, CancellationToken stop)
    {
        foreach (var uri in await store.ListAsync(Folder, stop))
        {
            if (!written.Contains(uri) && Exported().IsMatch(uri))
                await store.DeleteAsync(uri, stop);
        }
    }

    [GeneratedRegex(@"^augmented/[^/]+-\d{5}-of-\d{5}\.parquet$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Exported();

    /// <summary>The batch that rows are being taken from; the rows of a split come batch by batch.</summary>
    private sealed class OpenBatch(ExportRequest request, ExportSchema schema)
    {
        private (int Index, bool WithEdits, ExportBatch Columns)? open;

        public async Task<ExportBatch> AtAsync(ExportRow row, CancellationToken stop)
        {
            var edit = row.Stage is not null;
            if (open is { } batch && batch.Index == row.Batch && (batch.WithEdits || !edit))
                return batch.Columns;
            open = null;
            var columns = await ExportBatch.ReadAsync(request, schema, row.Batch, edit, stop);
            open = (row.Batch, edit, columns);
            return columns;
        }
    }
}

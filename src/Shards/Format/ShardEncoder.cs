using System.Globalization;
using System.IO.Compression;
using Parquet;
using Parquet.Schema;

namespace Pipeline.Shards.Format;

/// <summary>Writes a table as Parquet. Every choice follows from the table alone, so that equal tables give equal bytes.</summary>
internal static class ShardEncoder
{
    /// <summary>A column of fewer raw bytes in its row group is not compressed: setting zstd up costs more time than it saves bytes.</summary>
    public const int SmallestCompressed = 4096;

    /// <summary>A text column of fewer rows gets no dictionary.</summary>
    public const int FewestDictionaryRows = 16;

    /// <summary>A text column gets a dictionary if at most this share of its cells differ.</summary>
    public const double DictionaryShare = 0.5;

    public static async Task WriteAsync(
        Stream stream,
        ShardTable table,
        IReadOnlyDictionary<string, string> keys,
        long rowGroupBytes,
        CancellationToken stop
    )
    {
        var schema = ShardLayout.Schema(table);
        var options = new ParquetOptions { CompressionLevel = CompressionLevel.Fastest, DictionaryEncodingThreshold = DictionaryShare };
        HintEncodings(table, schema, options);
        await using var writer = await ParquetWriter.CreateAsync(schema, stream, options, cancellationToken: stop);
        writer.CustomMetadata = keys;
        foreach (var (start, count) in RowGroups(table, rowGroupBytes))
        {
            using var group = writer.CreateRowGroup();
            for (var index = 0; index < table.Columns.Count; index++)
            {
                var column = table.Columns[index];
                var codec = ColumnCodec.Of(column.Type.Kind);
                var compressed = column.Type.Kind != ShardKind.Binary && codec.RawBytes(column, start, count) >= SmallestCompressed;
                options.CompressionMethod = compressed ? CompressionMethod.Zstd : CompressionMethod.None; // read anew for each column
                await codec.WriteAsync(group, schema.DataFields[index], column, start, count, stop);
            }

            group.CompleteValidate();
        }
    }

    /// <summary>Bytes of all values, text as UTF-16.</summary>
    public static long RawBytes(ShardTable table, int start, int count) =>
        table.Columns.Sum(column => ColumnCodec.Of(column.Type.Kind).RawBytes(column, start, count));

    /// <summary>Cuts rows so that a group ends with the row that brings it to <paramref name="rowGroupBytes"/>.</summary>
    public static IEnumerable<(int Start, int Count)> RowGroups(ShardTable table, long rowGroupBytes)
    {
        if (table.Rows == 0)
            yield break;
        if (RawBytes(table, 0, table.Rows) <= rowGroupBytes)
        {
            yield return (0, table.Rows);
            yield break;
        }

        var start = 0;
        var bytes = 0L;
        for (var row = 0; row < table.Rows; row++)
        {
            bytes += RawBytes(table, row, 1);
            if (bytes < rowGroupBytes && row < table.Rows - 1)
                continue;
            yield return (start, row + 1 - start);
            start = row + 1;
            bytes = 0;
        }
    }

    /// <summary>Dictionaries for text; halves, which lie in the file as singles, byte by byte, so that the bytes that are always zero cost nothing.</summary>
    private static void HintEncodings(ShardTable table, ParquetSchema schema, ParquetOptions options)
    {
        for (var index = 0; index < table.Columns.Count; index++)
        {
            var hint = table.Columns[index].Type.Kind switch
            {
                ShardKind.String when table.Rows >= FewestDictionaryRows => EncodingHint.Dictionary,
                ShardKind.Float16List => EncodingHint.ByteSplitStream,
                _ => EncodingHint.Default,
            };
            if (hint != EncodingHint.Default)
                options.ColumnEncodingHints[schema.DataFields[index].Path.ToString(null, CultureInfo.InvariantCulture)] = hint;
        }
    }
}

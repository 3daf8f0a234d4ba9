using System.Buffers.Binary;
using Parquet.Meta;

namespace Pipeline.Shards.Format;

/// <summary>Byte arrays of uncompressed PLAIN pages, copied straight from the file's bytes: one copy, where Parquet.Net makes three.</summary>
internal static class PlainBinaryPages
{
    /// <summary>All cells, or null where a page is encoded, compressed or may hold nulls and Parquet.Net must read it.</summary>
    /// <param name="chunk">The column's pages.</param>
    /// <param name="digest">Takes each cell while it is still in the processor's cache; untouched if null is given back.</param>
    /// <exception cref="InvalidDataException">A page or a length lies outside its bytes.</exception>
    public static byte[][]? Read(ColumnChunk chunk, ColumnDigest digest)
    {
        if (chunk.Leaf.MaxDefinitionLevel > 0 || chunk.MetaData.Codec != CompressionCodec.UNCOMPRESSED || Pages(chunk) is not { } pages)
            return null;
        var cells = new byte[chunk.Rows][];
        var row = 0;
        foreach (var (page, values) in pages)
        {
            ReadPage(page.Span, cells.AsSpan(row, values), digest, chunk.Leaf.Name);
            row += values;
        }

        return cells;
    }

    private static List<(ReadOnlyMemory<byte> Page, int Values)>? Pages(ColumnChunk chunk)
    {
        var pages = new List<(ReadOnlyMemory<byte>, int)>();
        var rest = chunk.Bytes;
        for (var rows = chunk.Rows; rows > 0; )
        {
            var header = PageHeader.Read(rest.Span);
            if (header is not { Type: (long)PageType.DATA_PAGE, IsPlain: true, Values: > 0 })
                return null;
            if (header.Values > rows || header.PageBytes < 0 || header.PageBytes > rest.Length - header.HeaderBytes)
                throw new InvalidDataException($"a page of column '{chunk.Leaf.Name}' reaches past its end");
            pages.Add((rest.Slice(header.HeaderBytes, (int)header.PageBytes), (int)header.Values));
            rows -= (int)header.Values;
            rest = rest[(header.HeaderBytes + (int)header.PageBytes)..];
        }

        return pages;
    }

    private static void ReadPage(ReadOnlySpan<byte> page, Span<byte[]> cells, ColumnDigest digest, string column)
    {
        for (var row = 0; row < cells.Length; row++)
        {
            var length = page.Length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32LittleEndian(page);
            if (length < 0 || length > page.Length - sizeof(int))
                throw new InvalidDataException($"a cell of column '{column}' reaches past its page");
            var cell = GC.AllocateUninitializedArray<byte>(length);
            page.Slice(sizeof(int), length).CopyTo(cell);
            digest.Shape(length);
            digest.Values(cell);
            cells[row] = cell;
            page = page[(sizeof(int) + length)..];
        }
    }
}

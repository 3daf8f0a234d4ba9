using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Pipeline.Shards.Format;

namespace Pipeline.Shards.Foreign;

/// <summary>Where a cell's bytes lie in the file.</summary>
/// <param name="Offset">Bytes before them; −1 for a null.</param>
/// <param name="Length">Bytes; 0 for a null.</param>
public readonly record struct ByteRange(long Offset, int Length)
{
    /// <summary>A cell without a value.</summary>
    public static ByteRange Null => new(-1, 0);
}

/// <summary>Finds the cells of uncompressed PLAIN pages without reading them: a few bytes at the head of each page and four before each cell.</summary>
internal static class PlainRanges
{
    private const int HeaderBytes = 1 << 12;

    /// <summary>One range a row; null if a page is encoded in another way.</summary>
    /// <param name="file">The file.</param>
    /// <param name="start">Where the chunk begins.</param>
    /// <param name="length">Bytes of the chunk.</param>
    /// <param name="rows">Rows of the row group.</param>
    /// <param name="deepest">Definition level of a cell with a value.</param>
    /// <exception cref="InvalidDataException">A page or a cell reaches past its place.</exception>
    public static ByteRange[]? Find(SafeFileHandle file, long start, long length, int rows, int deepest)
    {
        var ranges = new ByteRange[rows];
        var (at, end) = (start, start + length);
        for (var row = 0; row < rows; )
        {
            var header = Header(file, at, end);
            if (header is not { IsData: true, IsPlain: true })
                return null;
            var page = at + header.HeaderBytes;
            if (header.PageBytes < 0 || header.PageBytes > end - page || header.LevelBytes > header.PageBytes || header.LevelBytes < 0)
                throw new InvalidDataException("a page reaches past the end of its column");
            if (header.Values <= 0 || header.Values > rows - row)
                throw new InvalidDataException($"a page claims {header.Values:N0} cells, and {rows - row:N0} rows are left");
            at = page + header.PageBytes;
            var cells = ranges.AsSpan(row, (int)header.Values);
            var values = Levels(file, page, at, header, cells, deepest);
            Cells(file, values, at, cells);
            row += cells.Length;
        }

        return ranges;
    }

    private static PageHeader Header(SafeFileHandle file, long at, long end)
    {
        for (long size = HeaderBytes; ; size *= 16)
        {
            var isAll = size >= end - at;
            try
            {
                return PageHeader.Read(FileBytes.Read(file, at, (int)Math.Min(size, end - at)));
            }
            catch (InvalidDataException) when (!isAll)
            {
                // the header is longer: it may hold the least and the greatest value
            }
        }
    }

    /// <summary>Marks the nulls, and tells where the values begin.</summary>
    private static long Levels(SafeFileHandle file, long page, long end, PageHeader header, Span<ByteRange> cells, int deepest)
    {
        if (deepest == 0)
            return page + header.LevelBytes;
        var prefix = header.IsVersion2 ? 0 : sizeof(int);
        var size = header.IsVersion2 ? header.LevelBytes : BinaryPrimitives.ReadInt32LittleEndian(FileBytes.Read(file, page, sizeof(int)));
        if (size < 0 || size > end - page - prefix)
            throw new InvalidDataException("the levels of a page reach past its end");
        var levels = LevelRuns.Decode(FileBytes.Read(file, page + prefix, (int)size), deepest, cells.Length);
        for (var cell = 0; cell < cells.Length; cell++)
            cells[cell] = levels[cell] == deepest ? default : ByteRange.Null;
        return page + prefix + size;
    }

    private static void Cells(SafeFileHandle file, long at, long end, Span<ByteRange> cells)
    {
        Span<byte> prefix = stackalloc byte[sizeof(int)];
        foreach (ref var cell in cells)
        {
            if (cell == ByteRange.Null)
                continue;
            FileBytes.Fill(file, at, prefix);
            var length = BinaryPrimitives.ReadInt32LittleEndian(prefix);
            at += sizeof(int);
            if (length < 0 || length > end - at)
                throw new InvalidDataException("a cell reaches past its page");
            cell = new(at, length);
            at += length;
        }
    }
}

using System.Buffers.Binary;
using Parquet.Meta;
using Pipeline.Shards.Format;
using PageHeader = Pipeline.Shards.Format.PageHeader;

namespace Pipeline.Shards.Foreign;

/// <summary>Looks at every page of a chunk before it is decoded: what a page claims of itself is what the decoder allocates.</summary>
internal static class PageWalk
{
    /// <summary>Walks all pages.</summary>
    /// <param name="bytes">The chunk.</param>
    /// <param name="codec">How its pages are compressed.</param>
    /// <param name="rows">Rows of the row group, each with one cell.</param>
    /// <param name="mostRawBytes">Bytes that the pages may have uncompressed, all together.</param>
    /// <exception cref="InvalidDataException">A page claims more than the chunk can hold.</exception>
    public static void Check(ReadOnlySpan<byte> bytes, CompressionCodec codec, int rows, long mostRawBytes)
    {
        for (long cells = 0, raw = 0; cells < rows; )
        {
            var header = PageHeader.Read(bytes);
            if (header.PageBytes < 0 || header.PageBytes > bytes.Length - header.HeaderBytes)
                throw new InvalidDataException("a page reaches past the end of its column");
            raw += header.RawBytes;
            if (header.RawBytes < 0 || raw > mostRawBytes)
                throw new InvalidDataException($"its pages claim {raw:N0} bytes; the metadata says {mostRawBytes:N0}");
            var page = bytes.Slice(header.HeaderBytes, (int)header.PageBytes);
            if (header.LevelBytes < 0 || header.LevelBytes > page.Length)
                throw new InvalidDataException("the levels of a page reach past its end");
            if (
                codec != CompressionCodec.UNCOMPRESSED
                && Claimed(codec, page[(int)header.LevelBytes..]) is { } claimed
                && claimed > header.RawBytes
            )
                throw new InvalidDataException($"a compressed page claims {claimed:N0} bytes and its header says {header.RawBytes:N0}");
            if (header.IsData)
            {
                if (header.Values <= 0 || header.Values > rows - cells)
                    throw new InvalidDataException($"a page claims {header.Values:N0} cells, and {rows - cells:N0} rows are left");
                cells += header.Values;
            }
            else if (header.Values < 0 || header.Values > header.RawBytes)
            {
                throw new InvalidDataException($"a dictionary claims {header.Values:N0} entries in {header.RawBytes:N0} bytes");
            }

            bytes = bytes[(header.HeaderBytes + page.Length)..];
        }
    }

    /// <summary>The length that compressed bytes give themselves; null where the format says none.</summary>
    private static long? Claimed(CompressionCodec codec, ReadOnlySpan<byte> page) =>
        codec switch
        {
            CompressionCodec.SNAPPY => SnappyLength(page),
            CompressionCodec.ZSTD => ZstdLength(page),
            _ => null,
        };

    /// <summary>A little-endian number in groups of seven bits (google/snappy, format_description.txt).</summary>
    private static long SnappyLength(ReadOnlySpan<byte> page)
    {
        var length = 0L;
        for (var index = 0; index < Math.Min(page.Length, 5); index++)
        {
            length |= (page[index] & 0x7fL) << (7 * index);
            if (page[index] < 0x80)
                break;
        }

        return length;
    }

    /// <summary>The frame content size (RFC 8878, 3.1.1.1); null if the frame does not say it.</summary>
    private static long? ZstdLength(ReadOnlySpan<byte> page)
    {
        const uint Magic = 0xFD2FB528;
        if (page.Length < 18 || BinaryPrimitives.ReadUInt32LittleEndian(page) != Magic)
            return null;
        var isSingle = (page[4] & 0x20) != 0;
        var field = page[
            (
                5
                + (isSingle ? 0 : 1)
                + (int)(
                    (page[4] & 3) switch
                    {
                        3 => 4,
                        var width => width,
                    }
                )
            )..
        ];
        return (page[4] >> 6) switch
        {
            0 => isSingle ? field[0] : null,
            1 => BinaryPrimitives.ReadUInt16LittleEndian(field) + 256,
            2 => BinaryPrimitives.ReadUInt32LittleEndian(field),
            _ => BinaryPrimitives.ReadInt64LittleEndian(field) is >= 0 and var size ? size : long.MaxValue,
        };
    }
}

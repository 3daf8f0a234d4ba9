namespace Pipeline.Models.Images;

/// <summary>GIF 87a and 89a: the logical screen, and the blocks after it.</summary>
internal static class GifHeader
{
    private const int FirstBlock = 13;
    private const byte Picture = 0x2C;
    private const byte Extension = 0x21;

    /// <summary>Size of the logical screen; GIF knows no orientation.</summary>
    public static ImageHeader Read(ReadOnlySpan<byte> bytes)
    {
        var header = new HeaderBytes(bytes, ImageFormat.Gif);
        header.Slice(0, FirstBlock);
        var (frames, metadata) = Walk(bytes);
        return new ImageHeader(ImageFormat.Gif, header.Little16(6), header.Little16(8), 1)
        {
            Frames = Math.Max(1, frames),
            MetadataBytes = metadata,
        };
    }

    /// <summary>Counts pictures, and bytes of comments, texts and application blocks, up to the end or to what is no block.</summary>
    private static (long Frames, long MetadataBytes) Walk(ReadOnlySpan<byte> bytes)
    {
        var (frames, metadata) = (0L, 0L);
        for (var at = FirstBlock + TableBytes(bytes[10]); at + 10 <= bytes.Length; )
        {
            switch (bytes[(int)at])
            {
                case Picture:
                    frames++;
                    at += 10 + TableBytes(bytes[(int)at + 9]) + 1;
                    at += BlocksBytes(bytes, at);
                    break;
                case Extension:
                    var size = BlocksBytes(bytes, at + 2);
                    metadata += bytes[(int)at + 1] is 0x01 or 0xFE or 0xFF ? size : 0;
                    at += 2 + size;
                    break;
                default:
                    return (frames, metadata);
            }
        }
        return (frames, metadata);
    }

    private static long TableBytes(byte packed) => (packed & 0x80) == 0 ? 0 : 3L << ((packed & 7) + 1);

    /// <summary>Length of a row of sub-blocks with the empty one that ends it.</summary>
    private static long BlocksBytes(ReadOnlySpan<byte> bytes, long start)
    {
        var at = start;
        while (at < bytes.Length && bytes[(int)at] != 0)
        {
            at += 1 + bytes[(int)at];
        }
        return at + 1 - start;
    }
}

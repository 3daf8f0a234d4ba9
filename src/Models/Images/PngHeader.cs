namespace Pipeline.Models.Images;

/// <summary>PNG (ISO/IEC 15948): the IHDR chunk, and what stands in the chunks beside the pixels.</summary>
internal static class PngHeader
{
    /// <summary>Size from IHDR, orientation from eXIf, which may stand after the pixels, frames from acTL.</summary>
    public static ImageHeader Read(ReadOnlySpan<byte> bytes)
    {
        var header = new HeaderBytes(bytes, ImageFormat.Png);
        if (!header.Slice(12, 4).SequenceEqual("IHDR"u8) || header.Big32(8) != 13)
        {
            throw ImageRejectedException.Corrupt("The PNG does not begin with an IHDR chunk of 13 bytes; that is where its size stands.");
        }
        var (width, height) = (header.Big32(16), header.Big32(20));
        header.Slice(24, 9);
        if (width > int.MaxValue || height > int.MaxValue)
        {
            throw ImageRejectedException.Corrupt($"The PNG is {width:N0} x {height:N0} pixels; both must be below 2^31.");
        }
        var chunks = Walk(bytes);
        return new ImageHeader(ImageFormat.Png, (int)width, (int)height, chunks.Orientation)
        {
            Frames = chunks.Frames,
            MetadataBytes = chunks.MetadataBytes,
        };
    }

    /// <summary>Whether the chunks run up to IEND.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> bytes) => Walk(bytes).Whole;

    private static (int Orientation, long Frames, long MetadataBytes, bool Whole) Walk(ReadOnlySpan<byte> bytes)
    {
        var header = new HeaderBytes(bytes, ImageFormat.Png);
        var (orientation, frames, metadata) = (1, 1L, 0L);
        for (long at = 8; at + 12 <= bytes.Length; )
        {
            var size = header.Big32(at);
            var type = header.Slice(at + 4, 4);
            if (at + 12 + size > bytes.Length)
            {
                break;
            }
            if (IsMetadata(type))
            {
                metadata += size;
            }
            if (type.SequenceEqual("acTL"u8))
            {
                frames = Math.Max(1, (long)header.Big32(at + 8));
            }
            if (type.SequenceEqual("eXIf"u8))
            {
                orientation = TiffDirectory.ReadOrientation(header.Slice(at + 8, (int)size));
            }
            if (type.SequenceEqual("IEND"u8))
            {
                return (orientation, frames, metadata, true);
            }
            at += 12 + size;
        }
        return (orientation, frames, metadata, false);
    }

    private static bool IsMetadata(ReadOnlySpan<byte> type) =>
        type.SequenceEqual("eXIf"u8)
        || type.SequenceEqual("iCCP"u8)
        || type.SequenceEqual("tEXt"u8)
        || type.SequenceEqual("zTXt"u8)
        || type.SequenceEqual("iTXt"u8);
}

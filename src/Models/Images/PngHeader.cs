namespace Pipeline.Models.Images;

/// <summary>PNG (ISO/IEC 15948): the IHDR chunk, and the eXIf chunk where there is one.</summary>
internal static class PngHeader
{
    /// <summary>Size from IHDR, orientation from eXIf, which may stand after the pixels.</summary>
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
        return new ImageHeader(ImageFormat.Png, (int)width, (int)height, Walk(bytes).Orientation);
    }

    /// <summary>Whether the chunks run up to IEND.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> bytes) => Walk(bytes).Whole;

    private static (int Orientation, bool Whole) Walk(ReadOnlySpan<byte> bytes)
    {
        var header = new HeaderBytes(bytes, ImageFormat.Png);
        var orientation = 1;
        for (long at = 8; at + 12 <= bytes.Length; )
        {
            var size = header.Big32(at);
            var type = header.Slice(at + 4, 4);
            if (at + 12 + size > bytes.Length)
            {
                break;
            }
            if (type.SequenceEqual("eXIf"u8))
            {
                orientation = TiffDirectory.ReadOrientation(header.Slice(at + 8, (int)size));
            }
            if (type.SequenceEqual("IEND"u8))
            {
                return (orientation, true);
            }
            at += 12 + size;
        }
        return (orientation, false);
    }
}

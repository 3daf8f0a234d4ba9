namespace Pipeline.Models.Images;

/// <summary>WebP (RFC 9649): the first chunk is VP8 (lossy), VP8L (lossless) or VP8X (extended).</summary>
internal static class WebPHeader
{
    private const int FirstChunk = 12;

    /// <summary>Size from the first chunk; orientation from the first EXIF chunk, which stands after the pixels.</summary>
    public static ImageHeader Read(ReadOnlySpan<byte> bytes)
    {
        var header = new HeaderBytes(bytes, ImageFormat.WebP);
        var type = header.Slice(FirstChunk, 4);
        const int Data = FirstChunk + 8;
        var (width, height) = (0, 0);
        if (type.SequenceEqual("VP8 "u8))
        {
            (width, height) = (header.Little16(Data + 6) & 0x3FFF, header.Little16(Data + 8) & 0x3FFF);
        }
        else if (type.SequenceEqual("VP8L"u8))
        {
            var packed = header.Little32(Data + 1);
            (width, height) = ((int)(packed & 0x3FFF) + 1, (int)((packed >> 14) & 0x3FFF) + 1);
        }
        else if (type.SequenceEqual("VP8X"u8))
        {
            width = (header.Little16(Data + 4) | (header.Byte(Data + 6) << 16)) + 1;
            height = (header.Little16(Data + 7) | (header.Byte(Data + 9) << 16)) + 1;
        }
        else
        {
            throw ImageRejectedException.Corrupt("The WebP's first chunk is none of VP8, VP8L and VP8X; that is where its size stands.");
        }
        return Walk(bytes, new ImageHeader(ImageFormat.WebP, width, height, 1));
    }

    /// <summary>Whether all the bytes are there that the RIFF header counts.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> bytes) => new HeaderBytes(bytes, ImageFormat.WebP).Little32(4) + 8L <= bytes.Length;

    private static ImageHeader Walk(ReadOnlySpan<byte> bytes, ImageHeader found)
    {
        var header = new HeaderBytes(bytes, ImageFormat.WebP);
        var (orientation, frames, metadata) = (0, 0L, 0L);
        for (long at = FirstChunk; at + 8 <= bytes.Length; )
        {
            var size = header.Little32(at + 4);
            var type = header.Slice(at, 4);
            frames += type.SequenceEqual("ANMF"u8) ? 1 : 0;
            if (type.SequenceEqual("EXIF"u8) || type.SequenceEqual("ICCP"u8) || type.SequenceEqual("XMP "u8))
            {
                metadata += size;
            }
            if (orientation == 0 && type.SequenceEqual("EXIF"u8) && at + 8 + size <= bytes.Length)
            {
                var exif = header.Slice(at + 8, (int)size);
                orientation = TiffDirectory.ReadOrientation(exif.StartsWith("Exif\0\0"u8) ? exif[6..] : exif);
            }
            at += 8L + size + (size & 1);
        }
        return found with { Orientation = Math.Max(1, orientation), Frames = Math.Max(1, frames), MetadataBytes = metadata };
    }
}

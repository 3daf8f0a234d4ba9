using System.Runtime.InteropServices;

namespace Pipeline.Models.Images;

/// <summary>What the markers before the first scan of a JPEG say (ITU-T T.81, annex B).</summary>
/// <param name="Header">Size, format, orientation.</param>
/// <param name="Components">1 grey, 3 colour, 4 CMYK or YCCK.</param>
/// <param name="Layout">How the colour planes lie, where they are those of a plain YCbCr or grey file.</param>
internal sealed record JpegFrame(ImageHeader Header, int Components, JpegLayout Layout)
{
    private const int StartOfScan = 0xDA;
    private const int EndOfImage = 0xD9;

    /// <summary>Reads up to the first scan; bounds-checked, and as lenient about bytes between markers as libjpeg is.</summary>
    /// <exception cref="ImageRejectedException">The bytes end before the first scan, or the frame is missing, malformed or of a kind not decoded here.</exception>
    public static JpegFrame Read(ReadOnlySpan<byte> bytes)
    {
        var header = new HeaderBytes(bytes, ImageFormat.Jpeg);
        var (frame, orientation) = ((long?)null, 0);
        var (jfif, adobe, metadata) = (false, -1, 0L);
        for (long at = 2; ; )
        {
            (var marker, at) = NextMarker(header, at);
            if (marker is EndOfImage)
            {
                throw ImageRejectedException.Corrupt("The JPEG ends with its header; a scan is wanted.");
            }
            if (marker is 0x01 or (>= 0xD0 and <= 0xD8))
            {
                continue;
            }
            var length = header.Big16(at);
            if (length < 2)
            {
                throw ImageRejectedException.Corrupt(
                    $"The JPEG has a marker segment of {length} bytes at byte {at:N0}; it must have at least 2."
                );
            }
            var segment = header.Slice(at + 2, length - 2);
            metadata += marker is (>= 0xE0 and <= 0xEF) or 0xFE ? segment.Length : 0;
            switch (marker)
            {
                case StartOfScan:
                    return Describe(header, frame, Math.Max(orientation, 1), jfif, adobe, metadata);
                case >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC):
                    CheckCoding(marker);
                    frame ??= at;
                    break;
                case 0xE0:
                    jfif |= segment.Length >= 14 && segment.StartsWith("JFIF\0"u8);
                    break;
                case 0xE1 when orientation == 0 && segment.StartsWith("Exif\0\0"u8):
                    orientation = TiffDirectory.ReadOrientation(segment[6..]);
                    break;
                case 0xEE when segment.Length >= 12 && segment.StartsWith("Adobe"u8):
                    adobe = segment[11];
                    break;
                default:
                    break;
            }
            at += length;
        }
    }

    private static (int Marker, long After) NextMarker(HeaderBytes header, long at)
    {
        while (header.Byte(at) != 0xFF || header.Byte(at + 1) is 0x00 or 0xFF)
        {
            at++;
        }
        return (header.Byte(at + 1), at + 2);
    }

    private static void CheckCoding(int marker)
    {
        if (marker is not (0xC0 or 0xC1 or 0xC2 or 0xC9 or 0xCA))
        {
            throw ImageRejectedException.Unsupported(
                $"The JPEG is coded as frame type {marker - 0xC0} (lossless or hierarchical); baseline or progressive is wanted."
            );
        }
    }

    private static JpegFrame Describe(HeaderBytes header, long? frame, int orientation, bool jfif, int adobe, long metadata)
    {
        if (frame is not { } at)
        {
            throw ImageRejectedException.Corrupt("The JPEG has a scan but no frame header before it; the frame holds the size.");
        }
        var (length, bits, components) = (header.Big16(at), header.Byte(at + 2), header.Byte(at + 7));
        var (height, width) = (header.Big16(at + 3), header.Big16(at + 5));
        if (length != 8 + (components * 3))
        {
            throw ImageRejectedException.Corrupt(
                $"The JPEG's frame header has {length} bytes; {components} components make {8 + (components * 3)}."
            );
        }
        if (bits != 8 || components is not (1 or 3 or 4))
        {
            throw ImageRejectedException.Unsupported(
                $"The JPEG has {components} components of {bits} bits; 1, 3 or 4 components of 8 bits are wanted."
            );
        }
        if (height == 0 && width > 0)
        {
            throw ImageRejectedException.Unsupported(
                "The JPEG gives its height after the first scan (DNL); a height in the frame is wanted."
            );
        }
        return new JpegFrame(
            new ImageHeader(ImageFormat.Jpeg, width, height, orientation) { MetadataBytes = metadata },
            components,
            JpegLayout.Of(header.Slice(at + 8, components * 3), jfif, adobe)
        );
    }
}

/// <summary>How the planes of a JPEG lie to each other.</summary>
/// <param name="Planes">1 (grey) or 3 (Y, Cb, Cr); 0 where planes are not decoded one by one.</param>
/// <param name="ChromaAcross">Luma columns for one chroma column: 1, 2 or 4.</param>
/// <param name="ChromaDown">Luma rows for one chroma row: 1 or 2.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct JpegLayout(int Planes, int ChromaAcross, int ChromaDown)
{
    /// <summary>The layout of a frame's component records (id, sampling factors, table), by libjpeg's rule for the colour space.</summary>
    public static JpegLayout Of(ReadOnlySpan<byte> components, bool jfif, int adobe)
    {
        if (components.Length == 3)
        {
            return new JpegLayout(1, 1, 1);
        }
        var (y, cb, cr) = components.Length == 9 ? (components[1], components[4], components[7]) : ((byte)0, (byte)0, (byte)0);
        var isYcc = jfif || adobe == 1 || (adobe < 0 && components[0] == 1 && components[3] == 2 && components[6] == 3);
        return isYcc && cb == 0x11 && cr == 0x11 && y is 0x11 or 0x21 or 0x22 or 0x12 or 0x41 ? new JpegLayout(3, y >> 4, y & 15) : default;
    }
}

using System.Runtime.InteropServices;

namespace Pipeline.Models.Images;

/// <summary>The header of a Windows bitmap (Microsoft, BITMAPINFOHEADER to BITMAPV5HEADER; OS/2's 12-byte core header).</summary>
/// <param name="Header">Size and format.</param>
/// <param name="BitsPerPixel">1, 4, 8, 16, 24 or 32.</param>
/// <param name="TopDown">Whether the first row stored is the top one.</param>
/// <param name="PixelsAt">Offset of the first stored row.</param>
/// <param name="PaletteAt">Offset of the palette, where there is one.</param>
/// <param name="PaletteEntry">Bytes of a palette entry: 3 or 4; blue, green, red.</param>
/// <param name="PaletteColors">Entries of the palette.</param>
/// <param name="Masks">Bits of red, green, blue and alpha in a 16-bit or 32-bit pixel; alpha 0 where it does not count.</param>
internal sealed record BmpHeader(
    ImageHeader Header,
    int BitsPerPixel,
    bool TopDown,
    long PixelsAt,
    int PaletteAt,
    int PaletteEntry,
    int PaletteColors,
    BmpMasks Masks
)
{
    private const int CoreHeader = 12;
    private const int InfoHeader = 40;
    private const int LastHeader = 124; // version 5, which may name a colour profile
    private const int ProfileBytesAt = 14 + 116;
    private const uint BitFields = 3;
    private const uint AlphaBitFields = 6;

    /// <summary>Bytes of a stored row: whole 32-bit words.</summary>
    public long RowBytes => (((long)Header.Width * BitsPerPixel) + 31) / 32 * 4;

    /// <summary>Reads and checks the header.</summary>
    /// <exception cref="ImageRejectedException">Cut, contradictory, or a compressed bitmap.</exception>
    public static BmpHeader Read(ReadOnlySpan<byte> bytes)
    {
        var header = new HeaderBytes(bytes, ImageFormat.Bmp);
        var size = (int)header.Little32(14);
        header.Slice(14, size);
        var core = size == CoreHeader;
        var width = core ? header.Little16(18) : (int)header.Little32(18);
        var signedHeight = core ? header.Little16(20) : (int)header.Little32(22);
        var bits = header.Little16(core ? 24 : 28);
        var compression = core || size < InfoHeader ? 0 : header.Little32(30);
        if (width < 0 || signedHeight == int.MinValue)
        {
            throw ImageRejectedException.Corrupt($"The BMP is {width} x {signedHeight} pixels; both must be at least 1.");
        }
        if (!IsPlain(bits, compression))
        {
            throw ImageRejectedException.Unsupported(
                $"The BMP has {bits} bits a pixel and compression {compression}; 1, 4, 8, 16, 24 or 32 bits without run lengths are wanted."
            );
        }
        var masked = compression is BitFields or AlphaBitFields;
        var palette = 14 + size + (masked && size == InfoHeader ? (compression == BitFields ? 12 : 16) : 0);
        var named = core || bits > 8 ? 0 : header.Little32(46);
        var colors =
            bits > 8 ? 0
            : named is 0 or > 256 ? 1 << bits
            : (int)named;
        return new BmpHeader(
            new ImageHeader(ImageFormat.Bmp, width, Math.Abs(signedHeight), 1)
            {
                MetadataBytes = size == LastHeader ? header.Little32(ProfileBytesAt) : 0,
            },
            bits,
            signedHeight < 0,
            header.Little32(10),
            palette,
            core ? 3 : 4,
            colors,
            masked ? BmpMasks.Read(header, size > InfoHeader || compression == AlphaBitFields) : BmpMasks.Default(bits)
        );
    }

    private static bool IsPlain(int bits, uint compression) =>
        bits is 1 or 4 or 8 or 24 ? compression == 0 : bits is 16 or 32 && compression is 0 or BitFields or AlphaBitFields;
}

/// <summary>Which bits of a pixel are which channel.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct BmpMasks(uint Red, uint Green, uint Blue, uint Alpha)
{
    /// <summary>The masks in the file; 52-byte headers and 40-byte ones with three masks have no alpha.</summary>
    public static BmpMasks Read(HeaderBytes header, bool mayHaveAlpha)
    {
        var alpha = mayHaveAlpha && header.Little32(14) != 52 ? header.Little32(66) : 0;
        return new BmpMasks(header.Little32(54), header.Little32(58), header.Little32(62), alpha);
    }

    /// <summary>5 bits a channel at 16 bits a pixel, 8 at 32; the spare bits do not count.</summary>
    public static BmpMasks Default(int bits) => bits == 16 ? new(0x7C00, 0x03E0, 0x001F, 0) : new(0xFF0000, 0x00FF00, 0x0000FF, 0);
}

using System.Buffers.Binary;
using System.Numerics;

namespace Pipeline.Models.Images;

/// <summary>Decodes uncompressed Windows bitmaps, which libvips does not read without ImageMagick.</summary>
internal static class BmpDecoder
{
    /// <summary>The pixels, rows from the top; alpha is composited over white where the header declares it.</summary>
    /// <exception cref="ImageRejectedException">The rows or the palette are cut, or a pixel names a colour outside the palette.</exception>
    public static RgbImage Decode(ReadOnlySpan<byte> bytes)
    {
        var bitmap = BmpHeader.Read(bytes);
        var (width, height) = (bitmap.Header.Width, bitmap.Header.Height);
        var wanted = bitmap.PixelsAt + (bitmap.RowBytes * height);
        if (wanted > bytes.Length)
        {
            throw ImageRejectedException.Truncated($"The BMP ends after {bytes.Length:N0} bytes; its {height:N0} rows end at {wanted:N0}.");
        }
        var palette = Palette(bytes, bitmap);
        var pixels = GC.AllocateUninitializedArray<byte>(width * height * 3);
        for (var y = 0; y < height; y++)
        {
            var stored = bitmap.TopDown ? y : height - 1 - y;
            var row = bytes.Slice((int)(bitmap.PixelsAt + (stored * bitmap.RowBytes)), (int)bitmap.RowBytes);
            var target = pixels.AsSpan(y * width * 3, width * 3);
            switch (bitmap.BitsPerPixel)
            {
                case 24:
                    DecodeTrueColor(row, target);
                    break;
                case 16 or 32:
                    DecodeMasked(row, target, bitmap);
                    break;
                default:
                    DecodeIndexed(row, target, bitmap.BitsPerPixel, palette);
                    break;
            }
        }
        return new RgbImage(width, height, pixels);
    }

    private static ReadOnlySpan<byte> Palette(ReadOnlySpan<byte> bytes, BmpHeader bitmap)
    {
        var source = new HeaderBytes(bytes, ImageFormat.Bmp).Slice(bitmap.PaletteAt, bitmap.PaletteColors * bitmap.PaletteEntry);
        var palette = new byte[bitmap.PaletteColors * 3];
        for (var color = 0; color < bitmap.PaletteColors; color++)
        {
            DecodeTrueColor(source.Slice(color * bitmap.PaletteEntry, 3), palette.AsSpan(color * 3, 3));
        }
        return palette;
    }

    private static void DecodeTrueColor(ReadOnlySpan<byte> row, Span<byte> target)
    {
        for (var at = 0; at < target.Length; at += 3)
        {
            (target[at], target[at + 1], target[at + 2]) = (row[at + 2], row[at + 1], row[at]);
        }
    }

    private static void DecodeIndexed(ReadOnlySpan<byte> row, Span<byte> target, int bits, ReadOnlySpan<byte> palette)
    {
        var perByte = 8 / bits;
        for (var x = 0; x * 3 < target.Length; x++)
        {
            var index = (row[x / perByte] >> (8 - bits - (x % perByte * bits))) & ((1 << bits) - 1);
            if (index * 3 >= palette.Length)
            {
                throw ImageRejectedException.Corrupt($"The BMP names colour {index}; its palette has {palette.Length / 3} colours.");
            }
            palette.Slice(index * 3, 3).CopyTo(target[(x * 3)..]);
        }
    }

    private static void DecodeMasked(ReadOnlySpan<byte> row, Span<byte> target, BmpHeader bitmap)
    {
        var masks = bitmap.Masks;
        for (var x = 0; x * 3 < target.Length; x++)
        {
            var pixel =
                bitmap.BitsPerPixel == 16
                    ? BinaryPrimitives.ReadUInt16LittleEndian(row[(x * 2)..])
                    : BinaryPrimitives.ReadUInt32LittleEndian(row[(x * 4)..]);
            var alpha = masks.Alpha == 0 ? 255 : Channel(pixel, masks.Alpha);
            target[x * 3] = OverWhite(Channel(pixel, masks.Red), alpha);
            target[(x * 3) + 1] = OverWhite(Channel(pixel, masks.Green), alpha);
            target[(x * 3) + 2] = OverWhite(Channel(pixel, masks.Blue), alpha);
        }
    }

    /// <summary>The masked bits spread over 0 to 255, rounded to the nearest.</summary>
    private static int Channel(uint pixel, uint mask)
    {
        if (mask == 0)
        {
            return 0;
        }
        var shift = BitOperations.TrailingZeroCount(mask);
        var most = mask >> shift;
        return (int)((((ulong)((pixel & mask) >> shift) * 255) + (most / 2)) / most);
    }

    private static byte OverWhite(int value, int alpha) => (byte)(((value * alpha) + (255 * (255 - alpha)) + 127) / 255);
}

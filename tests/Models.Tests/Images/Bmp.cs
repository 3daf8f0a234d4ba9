using System.Buffers.Binary;
using Pipeline.Models.Images;

namespace Pipeline.Models.Tests.Images;

/// <summary>Writes Windows bitmaps.</summary>
internal static class Bmp
{
    public static byte[] TrueColor(RgbImage image, bool topDown = false) =>
        File(
            image.Width,
            topDown ? -image.Height : image.Height,
            24,
            compression: 0,
            [],
            image.Height,
            (y, row) =>
            {
                for (var x = 0; x < image.Width; x++)
                {
                    var at = ((y * image.Width) + x) * 3;
                    (row[x * 3], row[(x * 3) + 1], row[(x * 3) + 2]) = (image.Pixels[at + 2], image.Pixels[at + 1], image.Pixels[at]);
                }
            },
            topDown
        );

    /// <summary>The pixel at x, y has colour <c>(x + y)</c> modulo the palette; colour <c>n</c> is <see cref="Color"/>.</summary>
    public static byte[] Indexed(int width, int height, int bits)
    {
        var palette = Enumerable
            .Range(0, 1 << bits)
            .SelectMany(index =>
            {
                var (red, green, blue) = Color(index);
                return new[] { blue, green, red, (byte)0 };
            })
            .ToArray();
        return File(
            width,
            height,
            bits,
            compression: 0,
            palette,
            height,
            (y, row) =>
            {
                for (var x = 0; x < width; x++)
                {
                    row[x * bits / 8] |= (byte)(((x + y) & ((1 << bits) - 1)) << (8 - bits - (x * bits % 8)));
                }
            },
            topDown: false
        );
    }

    public static (byte Red, byte Green, byte Blue) Color(int index) => ((byte)(index * 7), (byte)(255 - index), (byte)(index * 3));

    /// <summary>One pixel, stored with these bit masks (BITMAPV4HEADER's place for them where there is alpha).</summary>
    public static byte[] OnePixel(uint pixel, int bits, uint red, uint green, uint blue, uint alpha)
    {
        var masks = new byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(masks, red);
        BinaryPrimitives.WriteUInt32LittleEndian(masks.AsSpan(4), green);
        BinaryPrimitives.WriteUInt32LittleEndian(masks.AsSpan(8), blue);
        BinaryPrimitives.WriteUInt32LittleEndian(masks.AsSpan(12), alpha);
        var compression = alpha == 0 ? 3u : 6u;
        return File(
            1,
            1,
            bits,
            compression,
            alpha == 0 ? masks[..12] : masks,
            1,
            (_, row) =>
            {
                var stored = new byte[4];
                BinaryPrimitives.WriteUInt32LittleEndian(stored, pixel);
                stored.AsSpan(0, bits / 8).CopyTo(row);
            },
            topDown: false
        );
    }

    public static byte[] WithCompression(int bits, uint compression) =>
        File(1, 1, bits, compression, new byte[16], 1, (_, _) => { }, topDown: false);

    private static byte[] File(
        int width,
        int height,
        int bits,
        uint compression,
        byte[] extra,
        int rows,
        Action<int, byte[]> fill,
        bool topDown
    )
    {
        var stride = ((width * bits) + 31) / 32 * 4;
        var start = 54 + extra.Length;
        var file = new byte[start + (stride * rows)];
        "BM"u8.CopyTo(file);
        Write(file, 10, start);
        Write(file, 14, 40);
        Write(file, 18, width);
        Write(file, 22, height);
        (file[26], file[28]) = (1, (byte)bits);
        Write(file, 30, (int)compression);
        extra.CopyTo(file, 54);
        for (var y = 0; y < rows; y++)
        {
            var row = new byte[stride];
            fill(y, row);
            row.CopyTo(file, start + (stride * (topDown ? y : rows - 1 - y)));
        }
        return file;
    }

    private static void Write(byte[] file, int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), value);
}

using Pipeline.Models.Images;

namespace Pipeline.Models.Statistics;

/// <summary>An image brought down by box means until its longer edge is short enough, so that measures do not depend on resolution.</summary>
internal sealed class PixelGrid
{
    /// <summary>Cells along the longer edge at the most, where none is said. Light, colour and focus show at this size; more costs time alone.</summary>
    public const int MostEdge = 160;

    private PixelGrid(int width, int height, byte[] pixels)
    {
        Width = width;
        Height = height;
        Pixels = pixels;
        Luma = new float[width * height];
        for (int i = 0, p = 0; i < Luma.Length; i++, p += 3)
        {
            Luma[i] = (0.2126f * pixels[p] + 0.7152f * pixels[p + 1] + 0.0722f * pixels[p + 2]) / 255;
        }
    }

    public int Width { get; }
    public int Height { get; }

    /// <summary><c>[height, width, 3] uint8</c>.</summary>
    public byte[] Pixels { get; }

    /// <summary><c>[height, width] float32</c>, Rec. 709 weights on gamma-coded values, 0 to 1.</summary>
    public float[] Luma { get; }

    public static PixelGrid From(RgbImage image) => From(image, MostEdge);

    /// <summary>A grid of at most <paramref name="mostEdge"/> cells along the longer edge; a smaller image stays as it is.</summary>
    public static PixelGrid From(RgbImage image, int mostEdge)
    {
        if (image.Width < 1 || image.Height < 1 || image.Pixels.Length != (long)image.Width * image.Height * 3)
        {
            throw new InvalidDataException(
                $"The image to measure is {image.Width} × {image.Height} with {image.Pixels.Length} bytes; it must be at least 1 × 1 "
                    + "with width × height × 3 bytes. Decode it to interleaved 8-bit RGB."
            );
        }

        var longer = Math.Max(image.Width, image.Height);
        if (longer <= mostEdge)
        {
            return new PixelGrid(image.Width, image.Height, image.Pixels);
        }

        var width = Math.Max(1, (int)((long)image.Width * mostEdge / longer));
        var height = Math.Max(1, (int)((long)image.Height * mostEdge / longer));
        return new PixelGrid(width, height, Shrink(image, width, height));
    }

    /// <summary>Every source pixel falls into exactly one cell.</summary>
    private static byte[] Shrink(RgbImage image, int width, int height)
    {
        var pixels = new byte[width * height * 3];
        var sums = new int[width * 3];
        var columns = new int[image.Width];
        var widths = new int[width];
        for (var x = 0; x < image.Width; x++)
        {
            columns[x] = (int)((long)x * width / image.Width);
            widths[columns[x]]++;
        }

        for (var row = 0; row < height; row++)
        {
            var from = (int)(((long)row * image.Height + height - 1) / height);
            var to = (int)(((long)(row + 1) * image.Height + height - 1) / height);
            Array.Clear(sums);
            for (var y = from; y < to; y++)
            {
                var source = image.Pixels.AsSpan(y * image.Width * 3, image.Width * 3);
                for (var x = 0; x < columns.Length; x++)
                {
                    var cell = columns[x] * 3;
                    sums[cell] += source[x * 3];
                    sums[cell + 1] += source[x * 3 + 1];
                    sums[cell + 2] += source[x * 3 + 2];
                }
            }

            for (var i = 0; i < sums.Length; i++)
            {
                var count = widths[i / 3] * (to - from);
                pixels[row * width * 3 + i] = (byte)((sums[i] + count / 2) / count);
            }
        }

        return pixels;
    }
}

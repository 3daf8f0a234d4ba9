using Pipeline.Models.Images;

namespace Pipeline.Benchmarks.Decode;

/// <summary>Seeded pictures with the statistics of photographs: contrast spread evenly over octaves down to lens blur, weak colour, a few hard edges.</summary>
internal static class Photographs
{
    private const int Seed = 20_240_224;
    private const int Quality = 90;
    private const int Shapes = 8;

    /// <summary><paramref name="count"/> JPEG files, quality 90, 4:2:0, about 2 bits a pixel, as camera photographs have at that quality.</summary>
    public static byte[][] Make(int count, int width, int height) =>
        [.. Enumerable.Range(0, count).Select(index => JpegEncoder.Encode(Draw(new Random(Seed + index), width, height), Quality))];

    private static RgbImage Draw(Random random, int width, int height)
    {
        var sum = new float[width * height * 3];
        Array.Fill(sum, 128f);
        var contrast = 44f;
        for (var cells = 3; cells <= width; cells *= 2)
        {
            Add(sum, Octave(random, cells, width, height), contrast, color: cells <= 48 ? 0.5f : 0.15f);
            contrast *= cells * 8 > width ? 0.5f : 0.9f;
        }
        AddShapes(random, sum, width, height);
        return new RgbImage(width, height, [.. sum.Select(value => (byte)Math.Clamp(value, 0, 255))]);
    }

    private static RgbImage Octave(Random random, int cells, int width, int height)
    {
        var rows = Math.Max(2, cells * height / width);
        var noise = new byte[cells * rows * 3];
        random.NextBytes(noise);
        return ImageResize.To(new RgbImage(cells, rows, noise), width, height);
    }

    private static void Add(float[] sum, RgbImage octave, float contrast, float color)
    {
        for (var at = 0; at < sum.Length; at += 3)
        {
            var grey = (octave.Pixels[at] / 127.5f) - 1;
            for (var channel = 0; channel < 3; channel++)
            {
                var tint = (octave.Pixels[at + channel] / 127.5f) - 1;
                sum[at + channel] += contrast * ((grey * (1 - color)) + (tint * color));
            }
        }
    }

    private static void AddShapes(Random random, float[] sum, int width, int height)
    {
        for (var shape = 0; shape < Shapes; shape++)
        {
            var (x, y, radius, shade) = (random.Next(width), random.Next(height), random.Next(width / 20, width / 6), random.Next(-50, 51));
            for (var row = Math.Max(0, y - radius); row < Math.Min(height, y + radius); row++)
            {
                var half = (int)Math.Sqrt(((double)radius * radius) - ((double)(row - y) * (row - y)));
                for (var column = Math.Max(0, x - half); column < Math.Min(width, x + half); column++)
                {
                    var at = ((row * width) + column) * 3;
                    (sum[at], sum[at + 1], sum[at + 2]) = (sum[at] + shade, sum[at + 1] + shade, sum[at + 2] + shade);
                }
            }
        }
    }
}

using Pipeline.Models.Images;
using Pipeline.Models.Statistics;

namespace Pipeline.Models.Tests.Procedural;

/// <summary>Measures over sets of pictures, independent of the code under test but for <see cref="ImageStatistics"/>.</summary>
internal static class Measure
{
    /// <summary>Mean absolute difference of bytes.</summary>
    public static double Distance(IReadOnlyList<RgbImage> first, IReadOnlyList<RgbImage> second) => first.Zip(second, Distance).Average();

    private static double Distance(RgbImage first, RgbImage second)
    {
        long sum = 0;
        for (var i = 0; i < first.Pixels.Length; i++)
        {
            sum += Math.Abs(first.Pixels[i] - second.Pixels[i]);
        }

        return (double)sum / first.Pixels.Length;
    }

    public static double Mean(IReadOnlyList<RgbImage> images, Func<ImageStatistics, double> value) =>
        images.Average(image => value(ImageStatistics.Measure(image)));

    /// <summary>Mean of one channel, or of luma for a channel below 0, in rows from and to a share of the height.</summary>
    public static double Channel(RgbImage image, int channel, double from = 0, double to = 1)
    {
        double sum = 0;
        var count = 0;
        for (var y = (int)(from * image.Height); y < (int)(to * image.Height); y++)
        {
            for (var x = 0; x < image.Width; x++)
            {
                var p = (y * image.Width + x) * 3;
                sum +=
                    channel < 0
                        ? 0.2126 * image.Pixels[p] + 0.7152 * image.Pixels[p + 1] + 0.0722 * image.Pixels[p + 2]
                        : image.Pixels[p + channel];
                count++;
            }
        }

        return sum / count;
    }

    public static double Channel(IReadOnlyList<RgbImage> images, int channel, double from = 0, double to = 1) =>
        images.Average(image => Channel(image, channel, from, to));
}

using Pipeline.Models.Images;

namespace Pipeline.Models.Tests.Images;

/// <summary>How far two images are apart, in grey levels.</summary>
internal static class Differences
{
    public static int Largest(RgbImage one, RgbImage other) => Each(one, other).Max();

    public static double Mean(RgbImage one, RgbImage other) => Each(one, other).Average();

    private static IEnumerable<int> Each(RgbImage one, RgbImage other)
    {
        (one.Width, one.Height, one.Pixels.Length).Should().Be((other.Width, other.Height, other.Pixels.Length));
        return one.Pixels.Zip(other.Pixels, (left, right) => Math.Abs(left - right));
    }
}

using Pipeline.Models.Images;

namespace Pipeline.Models.Quality;

/// <summary>How an image is exposed, over every pixel.</summary>
/// <param name="Shadows">Share of pixels whose three channels are all <see cref="Black"/> or less, 0 to 1.</param>
/// <param name="Highlights">Share of pixels whose three channels are all <see cref="White"/> or more, 0 to 1.</param>
/// <param name="Luminance">Mean luma (Rec. 709 weights on gamma-coded values), 0 (black) to 1 (white).</param>
public sealed record Exposure(double Shadows, double Highlights, double Luminance)
{
    /// <summary>The brightest level that counts as clipped shadow.</summary>
    public const byte Black = 5;

    /// <summary>The darkest level that counts as clipped highlight, as in <see cref="Statistics.ImageStatistics.BurntLights"/>.</summary>
    public const byte White = 250;

    /// <summary>Measures an image of any size.</summary>
    /// <exception cref="InvalidDataException">The bytes do not fit the size.</exception>
    public static Exposure Measure(RgbImage image)
    {
        var pixels = (long)image.Width * image.Height;
        if (image.Width < 1 || image.Height < 1 || image.Pixels.Length != pixels * 3)
        {
            throw new InvalidDataException(
                $"The image to measure is {image.Width} × {image.Height} with {image.Pixels.Length} bytes; it must be at least 1 × 1 "
                    + "with width × height × 3 bytes. Decode it to interleaved 8-bit RGB."
            );
        }

        var (dark, light) = (0L, 0L);
        var (red, green, blue) = (0L, 0L, 0L);
        var bytes = image.Pixels;
        for (var p = 0; p < bytes.Length; p += 3)
        {
            var (r, g, b) = (bytes[p], bytes[p + 1], bytes[p + 2]);
            red += r;
            green += g;
            blue += b;
            dark += r <= Black && g <= Black && b <= Black ? 1 : 0;
            light += r >= White && g >= White && b >= White ? 1 : 0;
        }

        var luma = (0.2126 * red + 0.7152 * green + 0.0722 * blue) / (255.0 * pixels);
        return new Exposure((double)dark / pixels, (double)light / pixels, luma);
    }
}

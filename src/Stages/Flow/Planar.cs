using Pipeline.Models.Images;

namespace Pipeline.Stages.Flow;

/// <summary>Puts the pixels of a picture plane by plane, as networks take them.</summary>
public static class Planar
{
    /// <summary>Gives <c>[3, height, width] uint8</c>, RGB, 0 to 255.</summary>
    public static byte[] Of(RgbImage image)
    {
        var plane = image.Width * image.Height;
        var planar = new byte[3 * plane];
        for (var pixel = 0; pixel < plane; pixel++)
        {
            planar[pixel] = image.Pixels[3 * pixel];
            planar[plane + pixel] = image.Pixels[(3 * pixel) + 1];
            planar[(2 * plane) + pixel] = image.Pixels[(3 * pixel) + 2];
        }

        return planar;
    }
}

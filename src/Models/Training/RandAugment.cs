namespace Pipeline.Models.Training;

/// <summary>RandAugment (Cubuk et al. 2020) with the operations, ranges and defaults of torchvision 0.14: 2 operations, magnitude 9 of 31 bins.</summary>
internal static class RandAugment
{
    private const int Operations = 2;
    private const double Magnitude = 9.0 / 30;

    /// <summary>How many operations there are to draw from.</summary>
    public const int Kinds = 14;

    /// <summary>Changes one image in place; the draws are the generator's alone.</summary>
    /// <param name="rgb"><c>[3, size, size] uint8</c>, RGB planes.</param>
    /// <param name="size">Pixels of a side.</param>
    /// <param name="random">Keyed by sample and pass.</param>
    public static void Apply(Span<byte> rgb, int size, KeyedRandom random)
    {
        for (var count = 0; count < Operations; count++)
        {
            var kind = random.NextInt32(Kinds);
            var sign = random.NextBoolean() ? -1 : 1;
            Apply(rgb, size, kind, sign);
        }
    }

    /// <summary>One operation at magnitude 9; the sign is of no effect where the operation has none.</summary>
    internal static void Apply(Span<byte> rgb, int size, int kind, int sign)
    {
        var shear = sign * 0.3 * Magnitude;
        var shift = (int)(sign * 150.0 / 331 * size * Magnitude);
        var factor = 1 + sign * 0.9 * Magnitude;
        switch (kind)
        {
            case 0:
                break;
            case 1:
                // torchvision shears about the upper left corner, here half a side away from the centre.
                PixelPlanes.Warp(rgb, size, 1, shear, shear * size / 2, 0, 1, 0);
                break;
            case 2:
                PixelPlanes.Warp(rgb, size, 1, 0, 0, shear, 1, shear * size / 2);
                break;
            case 3:
                PixelPlanes.Warp(rgb, size, 1, 0, -shift, 0, 1, 0);
                break;
            case 4:
                PixelPlanes.Warp(rgb, size, 1, 0, 0, 0, 1, -shift);
                break;
            case 5:
                var (sine, cosine) = Math.SinCos(sign * 30 * Magnitude * Math.PI / 180);
                PixelPlanes.Warp(rgb, size, cosine, -sine, 0, sine, cosine, 0);
                break;
            case 6:
                PixelPlanes.Brightness(rgb, factor);
                break;
            case 7:
                PixelPlanes.Colour(rgb, factor);
                break;
            case 8:
                PixelPlanes.Contrast(rgb, factor);
                break;
            case 9:
                PixelPlanes.Sharpness(rgb, size, factor);
                break;
            case 10:
                PixelPlanes.Posterize(rgb, 8 - (int)Math.Round(4 * Magnitude));
                break;
            case 11:
                PixelPlanes.Solarize(rgb, 255 * (1 - Magnitude));
                break;
            case 12:
                PixelPlanes.AutoContrast(rgb);
                break;
            default:
                PixelPlanes.Equalize(rgb);
                break;
        }
    }
}

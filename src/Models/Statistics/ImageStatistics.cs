using Pipeline.Models.Images;

namespace Pipeline.Models.Statistics;

/// <summary>What can be measured of an image without knowing what is in it. Taken on a grid of at most 160 cells along the longer edge.</summary>
/// <param name="Brightness">Mean luma, 0 (black) to 1 (white), gamma-coded.</param>
/// <param name="Contrast">Standard deviation of luma, 0 to 0.5.</param>
/// <param name="BurntLights">Share of cells whose three channels are all 250 or more, 0 to 1.</param>
/// <param name="Colourfulness">Mean chroma in CIE L*a*b*: 0 (grey) to about 130; ordinary photographs 10 to 40.</param>
/// <param name="DarkChannel">Mean over the grid of the least channel in 5 × 5 cells, 0 to 1 (He, Sun and Tang 2009): low in clear air, high in fog.</param>
/// <param name="Sharpness">Mean step of luma over one cell as a share of that over four: about 0.25 (everything blurred) to 1 (noise).</param>
/// <param name="Detail">Mean step of luma over one cell, 0 to 1; ordinary photographs 0.01 to 0.08.</param>
/// <param name="Noise">Deviation of noise in luma, 0 to about 0.3, from the quietest fifth of blocks (after Immerkær 1996).</param>
/// <param name="LeastWarmth">10th percentile of b*: positive when nearly every cell is on the yellow side.</param>
/// <param name="MostWarmth">90th percentile of b*: negative when nearly every cell is on the blue side.</param>
/// <param name="MeanWarmth">Mean of b*, about -108 (blue) to 94 (yellow).</param>
/// <param name="Background">The name that most cells of the border take, from <see cref="ColourNames.All"/>.</param>
/// <param name="Upper">The same of the upper quarter, the middle columns left out.</param>
/// <param name="Lower">The same of the lower quarter, the middle columns left out.</param>
/// <param name="Split">Distance (CIE 1976 ΔE) between the mean colours of these two quarters: 0 to about 150.</param>
/// <param name="UpperLightness">Mean L* of the upper quarter, 0 to 100.</param>
/// <param name="UpperDetail">Mean step of luma over one cell in the upper quarter, 0 to 1.</param>
public sealed record ImageStatistics(
    double Brightness,
    double Contrast,
    double BurntLights,
    double Colourfulness,
    double DarkChannel,
    double Sharpness,
    double Detail,
    double Noise,
    double LeastWarmth,
    double MostWarmth,
    double MeanWarmth,
    string Background,
    string Upper,
    string Lower,
    double Split,
    double UpperLightness,
    double UpperDetail
)
{
    private const byte Burnt = 250;

    /// <summary>Measures an image of any size; the result depends on its pixels alone.</summary>
    /// <exception cref="InvalidDataException">The bytes do not fit the size.</exception>
    public static ImageStatistics Measure(RgbImage image)
    {
        var grid = PixelGrid.From(image);
        var (brightness, contrast) = Moments(grid.Luma);
        var colours = ColourMeasures.Of(grid);
        var detail = Structure.Step(grid, 1, 0, grid.Height);
        var wide = Structure.Step(grid, 4, 0, grid.Height);
        return new ImageStatistics(
            brightness,
            contrast,
            BurntShare(grid),
            colours.Colourfulness,
            Structure.DarkChannel(grid),
            // An image without any step is as blurred as can be.
            wide > 0
                ? detail / wide
                : Structure.StepOfRamp,
            detail,
            Structure.Noise(grid),
            colours.LeastWarmth,
            colours.MostWarmth,
            colours.MeanWarmth,
            colours.Background,
            colours.Upper,
            colours.Lower,
            colours.Split,
            colours.UpperLightness,
            Structure.Step(grid, 1, 0, Math.Max(1, grid.Height / 4))
        );
    }

    private static (double Mean, double Deviation) Moments(float[] luma)
    {
        double sum = 0;
        double squares = 0;
        foreach (var value in luma)
        {
            sum += value;
            squares += (double)value * value;
        }

        var mean = sum / luma.Length;
        return (mean, Math.Sqrt(Math.Max(0, squares / luma.Length - mean * mean)));
    }

    private static double BurntShare(PixelGrid grid)
    {
        var burnt = 0;
        for (var p = 0; p < grid.Pixels.Length; p += 3)
        {
            if (grid.Pixels[p] >= Burnt && grid.Pixels[p + 1] >= Burnt && grid.Pixels[p + 2] >= Burnt)
            {
                burnt++;
            }
        }

        return (double)burnt / grid.Luma.Length;
    }
}

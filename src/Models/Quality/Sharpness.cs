using Pipeline.Models.Images;
using Pipeline.Models.Statistics;

namespace Pipeline.Models.Quality;

/// <summary>How sharp an image is: the variance of its Laplacian.</summary>
/// <remarks>
/// Pech-Pacheco et al. 2000, "Diatom autofocusing in brightfield microscopy: a comparative study", measure LAPV, with the kernel 0 1 0 / 1 -4 1 / 0 1 0. It is
/// taken on luma (Rec. 709) of 0 to 255, after box means have brought the longer edge down to <see cref="MostEdge"/>, so that photographs and edits of them
/// can be compared; pixels of the border have no Laplacian and are left out.
/// </remarks>
public static class Sharpness
{
    /// <summary>Pixels along the longer edge on which it is measured; a smaller image is measured as it is.</summary>
    public const int MostEdge = 512;

    private const double White = 255;

    /// <summary>Squared grey levels: 0 (flat or an even ramp) to about 260,000 (a chessboard of pixels); photographs 50 (soft) to 3,000 (crisp). 0 below 3 × 3 pixels.</summary>
    /// <exception cref="InvalidDataException">The bytes do not fit the size.</exception>
    public static double Measure(RgbImage image)
    {
        var grid = PixelGrid.From(image, MostEdge);
        var (sum, squares) = (0.0, 0.0);
        for (var y = 1; y < grid.Height - 1; y++)
        {
            var above = grid.Luma.AsSpan((y - 1) * grid.Width, grid.Width);
            var row = grid.Luma.AsSpan(y * grid.Width, grid.Width);
            var below = grid.Luma.AsSpan((y + 1) * grid.Width, grid.Width);
            for (var x = 1; x < row.Length - 1; x++)
            {
                double value = above[x] + below[x] + row[x - 1] + row[x + 1] - 4 * row[x];
                sum += value;
                squares += value * value;
            }
        }

        var count = (long)Math.Max(0, grid.Width - 2) * Math.Max(0, grid.Height - 2);
        return count > 0 ? Math.Max(0, squares / count - sum / count * (sum / count)) * White * White : 0;
    }
}

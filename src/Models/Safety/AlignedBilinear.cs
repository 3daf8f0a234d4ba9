using Pipeline.Models.Images;

namespace Pipeline.Models.Safety;

/// <summary>Bilinear resampling with aligned corners and without antialiasing, as TensorFlow's <c>resizeBilinear(…, alignCorners = true)</c> has it.</summary>
/// <remarks>The corner pixels of source and target coincide; a target pixel is mixed from the four source pixels around its place.</remarks>
internal static class AlignedBilinear
{
    private static readonly float[] Shares = [.. Enumerable.Range(0, 256).Select(level => level / 255f)];

    /// <summary><c>[3, edge, edge] float32</c>, RGB, 0 to 1, from an image of any size; <paramref name="edge"/> is 2 or more.</summary>
    public static float[] Planes(RgbImage image, int edge)
    {
        var columns = Steps(image.Width, edge);
        var rows = Steps(image.Height, edge);
        var planes = new float[3 * edge * edge];
        for (var y = 0; y < edge; y++)
        {
            var (upper, lower, down) = rows[y];
            for (var x = 0; x < edge; x++)
            {
                var (left, right, across) = columns[x];
                for (var channel = 0; channel < 3; channel++)
                {
                    double At(int column, int row) => Shares[image.Pixels[(row * image.Width + column) * 3 + channel]];
                    var above = At(left, upper) + (At(right, upper) - At(left, upper)) * across;
                    var below = At(left, lower) + (At(right, lower) - At(left, lower)) * across;
                    planes[(channel * edge + y) * edge + x] = (float)(above + (below - above) * down);
                }
            }
        }

        return planes;
    }

    /// <summary>For each target place, the source places on both sides and the share of the second.</summary>
    private static (int First, int Second, double Share)[] Steps(int from, int to)
    {
        var step = (double)(from - 1) / (to - 1);
        var steps = new (int, int, double)[to];
        for (var place = 0; place < to; place++)
        {
            var exact = step * place;
            var first = (int)exact;
            steps[place] = (first, Math.Min(from - 1, (int)Math.Ceiling(exact)), exact - first);
        }

        return steps;
    }
}

namespace Pipeline.Models.Statistics;

/// <summary>Measures of edges, texture, noise and veil on a grid.</summary>
internal static class Structure
{
    /// <summary>The ratio of a step over one cell to one over four on an even ramp: what a picture tends to as it is blurred.</summary>
    public const double StepOfRamp = 0.25;

    private const int Patch = 2;
    private const int Block = 8;

    /// <summary>Mean absolute difference of luma over <paramref name="reach"/> cells to the right and down; 0 where there is no such pair.</summary>
    public static double Step(PixelGrid grid, int reach, int fromRow, int toRow)
    {
        double sum = 0;
        long pairs = 0;
        for (var y = fromRow; y < toRow; y++)
        {
            var row = grid.Luma.AsSpan(y * grid.Width, grid.Width);
            var part = 0f;
            for (var x = 0; x + reach < row.Length; x++)
            {
                part += MathF.Abs(row[x + reach] - row[x]);
            }

            pairs += Math.Max(0, row.Length - reach);
            if (y + reach < grid.Height)
            {
                var below = grid.Luma.AsSpan((y + reach) * grid.Width, grid.Width);
                for (var x = 0; x < row.Length; x++)
                {
                    part += MathF.Abs(below[x] - row[x]);
                }

                pairs += row.Length;
            }

            sum += part;
        }

        return pairs > 0 ? sum / pairs : 0;
    }

    /// <summary>Mean of the least channel within two cells of every second cell, 0 to 1.</summary>
    public static double DarkChannel(PixelGrid grid)
    {
        var rows = new byte[grid.Luma.Length];
        var least = new byte[grid.Width];
        for (var y = 0; y < grid.Height; y++)
        {
            for (var x = 0; x < grid.Width; x++)
            {
                var p = (y * grid.Width + x) * 3;
                least[x] = Math.Min(grid.Pixels[p], Math.Min(grid.Pixels[p + 1], grid.Pixels[p + 2]));
            }

            for (var x = 0; x < grid.Width; x += 2)
            {
                var value = least[x];
                for (var near = Math.Max(0, x - Patch); near <= Math.Min(grid.Width - 1, x + Patch); near++)
                {
                    value = Math.Min(value, least[near]);
                }

                rows[y * grid.Width + x] = value;
            }
        }

        double sum = 0;
        var count = 0;
        for (var y = 0; y < grid.Height; y += 2)
        {
            for (var x = 0; x < grid.Width; x += 2)
            {
                var value = byte.MaxValue;
                for (var near = Math.Max(0, y - Patch); near <= Math.Min(grid.Height - 1, y + Patch); near++)
                {
                    value = Math.Min(value, rows[near * grid.Width + x]);
                }

                sum += value;
                count++;
            }
        }

        return sum / count / byte.MaxValue;
    }

    /// <summary>Immerkær's estimate (a Laplacian difference that is blind to slopes) in blocks; the 20th percentile is that of flat places.</summary>
    public static double Noise(PixelGrid grid)
    {
        var blocks = new List<double>();
        for (var top = 1; top + Block < grid.Height; top += Block)
        {
            for (var left = 1; left + Block < grid.Width; left += Block)
            {
                blocks.Add(BlockNoise(grid, left, top));
            }
        }

        if (blocks.Count == 0)
        {
            return 0;
        }

        blocks.Sort();
        return blocks[blocks.Count / 5];
    }

    private static double BlockNoise(PixelGrid grid, int left, int top)
    {
        var sum = 0f;
        for (var y = top; y < top + Block; y++)
        {
            for (var x = left; x < left + Block; x++)
            {
                var i = y * grid.Width + x;
                var up = i - grid.Width;
                var down = i + grid.Width;
                var luma = grid.Luma;
                var corners = luma[up - 1] + luma[up + 1] + luma[down - 1] + luma[down + 1];
                var sides = luma[up] + luma[down] + luma[i - 1] + luma[i + 1];
                sum += MathF.Abs(corners - 2 * sides + 4 * luma[i]);
            }
        }

        return Math.Sqrt(Math.PI / 2) * sum / (6 * Block * Block);
    }
}

namespace Pipeline.Models.Procedural;

/// <summary>Near-Gaussian blur by repeated box means whose radius may be a fraction (Gwosdek et al. 2011, "extended box filtering").</summary>
internal static class PlaneBlur
{
    private const int Passes = 3;

    public static void Blur(Canvas canvas, float sigma)
    {
        Blur(canvas.Red, canvas.Width, canvas.Height, sigma);
        Blur(canvas.Green, canvas.Width, canvas.Height, sigma);
        Blur(canvas.Blue, canvas.Width, canvas.Height, sigma);
    }

    /// <summary>Blurs <c>[height, width]</c> in place; <paramref name="sigma"/> in pixels; edges repeat.</summary>
    public static void Blur(float[] plane, int width, int height, float sigma, int passes = Passes)
    {
        if (sigma <= 0)
        {
            return;
        }

        // A box of width w has variance (w² - 1) / 12; the passes share the variance wanted.
        var radius = (MathF.Sqrt(12 * sigma * sigma / passes + 1) - 1) / 2;
        var scratch = new float[plane.Length];
        for (var pass = 0; pass < passes; pass++)
        {
            Rows(plane, scratch, width, height, radius);
            Columns(scratch, plane, width, height, radius);
        }
    }

    /// <summary>One box mean along the columns only, in place; <paramref name="radius"/> in pixels.</summary>
    public static void Smear(float[] plane, int width, int height, float radius)
    {
        var scratch = (float[])plane.Clone();
        Columns(scratch, plane, width, height, radius);
    }

    private static void Rows(float[] from, float[] to, int width, int height, float radius)
    {
        var whole = (int)radius;
        var part = radius - whole;
        var scale = 1 / (2 * radius + 1);
        for (var y = 0; y < height; y++)
        {
            var row = from.AsSpan(y * width, width);
            var target = to.AsSpan(y * width, width);
            var sum = 0f;
            for (var x = -whole; x <= whole; x++)
            {
                sum += row[Math.Clamp(x, 0, width - 1)];
            }

            for (var x = 0; x < width; x++)
            {
                var before = row[Math.Max(x - whole - 1, 0)];
                var after = row[Math.Min(x + whole + 1, width - 1)];
                target[x] = (sum + part * (before + after)) * scale;
                sum += after - row[Math.Max(x - whole, 0)];
            }
        }
    }

    private static void Columns(float[] from, float[] to, int width, int height, float radius)
    {
        var whole = (int)radius;
        var part = radius - whole;
        var scale = 1 / (2 * radius + 1);
        var sums = new float[width];
        for (var y = -whole; y <= whole; y++)
        {
            var row = Row(from, width, height, y);
            for (var x = 0; x < width; x++)
            {
                sums[x] += row[x];
            }
        }

        for (var y = 0; y < height; y++)
        {
            var before = Row(from, width, height, y - whole - 1);
            var after = Row(from, width, height, y + whole + 1);
            var leaving = Row(from, width, height, y - whole);
            var target = to.AsSpan(y * width, width);
            for (var x = 0; x < width; x++)
            {
                target[x] = (sums[x] + part * (before[x] + after[x])) * scale;
                sums[x] += after[x] - leaving[x];
            }
        }
    }

    private static ReadOnlySpan<float> Row(float[] plane, int width, int height, int y) =>
        plane.AsSpan(Math.Clamp(y, 0, height - 1) * width, width);
}

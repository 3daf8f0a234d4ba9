namespace Pipeline.Models.Images;

/// <summary>Resizes as Pillow's <c>Image.resize</c> does, to the bit: antialiased, in fixed point, rounded to uint8 between the two passes.</summary>
/// <remarks>
/// Published models were trained and tested on pictures resampled this way. Formulas and constants: Pillow 9.4 <c>src/libImaging/Resample.c</c>
/// (HPND licence); written anew.
/// </remarks>
public static class PillowResize
{
    private const int PrecisionBits = 32 - 8 - 2;

    /// <summary>Triangle filter; <paramref name="width"/> and <paramref name="height"/> in pixels, at least 1. An equal size gives the image itself.</summary>
    public static RgbImage Bilinear(RgbImage image, int width, int height) =>
        Resize(image, width, height, 1, x => Math.Max(0, 1 - Math.Abs(x)));

    /// <summary>Keys' cubic filter with a = -0.5; <paramref name="width"/> and <paramref name="height"/> in pixels, at least 1. An equal size gives the image itself.</summary>
    public static RgbImage Bicubic(RgbImage image, int width, int height) => Resize(image, width, height, 2, Cubic);

    private static RgbImage Resize(RgbImage image, int width, int height, double support, Func<double, double> filter)
    {
        if (width < 1 || height < 1)
        {
            throw new ArgumentException($"The size wanted is {width} × {height}; both sides must be at least 1 pixel. Correct the size.");
        }

        var pixels = image.Pixels;
        if (width != image.Width)
        {
            pixels = Across(pixels, image.Width, image.Height, width, Weights(image.Width, width, support, filter));
        }

        if (height != image.Height)
        {
            pixels = Down(pixels, width, height, Weights(image.Height, height, support, filter));
        }

        return ReferenceEquals(pixels, image.Pixels) ? image : new RgbImage(width, height, pixels);
    }

    private static double Cubic(double x)
    {
        const double a = -0.5;
        x = Math.Abs(x);
        return x switch
        {
            < 1 => (((a + 2) * x - (a + 3)) * x * x) + 1,
            < 2 => (((x - 5) * x + 8) * x - 4) * a,
            _ => 0,
        };
    }

    /// <summary>For each output position, the first input position and the fixed-point weights from there on.</summary>
    private static (int First, int[] Weights)[] Weights(int from, int to, double support, Func<double, double> filter)
    {
        var scale = (double)from / to;
        var stretch = Math.Max(scale, 1);
        var reach = support * stretch;
        var result = new (int, int[])[to];
        for (var position = 0; position < to; position++)
        {
            var center = (position + 0.5) * scale;
            var first = Math.Max(0, (int)(center - reach + 0.5));
            var count = Math.Min(from, (int)(center + reach + 0.5)) - first;
            var exact = new double[count];
            var sum = 0.0;
            for (var index = 0; index < count; index++)
            {
                exact[index] = filter((index + first - center + 0.5) * (1 / stretch));
                sum += exact[index];
            }

            result[position] = (first, Array.ConvertAll(exact, weight => Fixed(sum == 0 ? weight : weight / sum)));
        }

        return result;
    }

    private static int Fixed(double weight) => (int)((weight < 0 ? -0.5 : 0.5) + weight * (1 << PrecisionBits));

    private static byte[] Across(byte[] pixels, int from, int height, int to, (int First, int[] Weights)[] all)
    {
        var result = new byte[to * height * 3];
        for (var row = 0; row < height; row++)
        {
            for (var column = 0; column < to; column++)
            {
                var (first, weights) = all[column];
                var (red, green, blue) = (1 << (PrecisionBits - 1), 1 << (PrecisionBits - 1), 1 << (PrecisionBits - 1));
                var source = (row * from + first) * 3;
                foreach (var weight in weights)
                {
                    red += pixels[source] * weight;
                    green += pixels[source + 1] * weight;
                    blue += pixels[source + 2] * weight;
                    source += 3;
                }

                var target = (row * to + column) * 3;
                result[target] = Clip(red);
                result[target + 1] = Clip(green);
                result[target + 2] = Clip(blue);
            }
        }

        return result;
    }

    private static byte[] Down(byte[] pixels, int width, int to, (int First, int[] Weights)[] all)
    {
        var stride = width * 3;
        var result = new byte[stride * to];
        var sums = new int[stride];
        for (var row = 0; row < to; row++)
        {
            var (first, weights) = all[row];
            Array.Fill(sums, 1 << (PrecisionBits - 1));
            for (var index = 0; index < weights.Length; index++)
            {
                var source = pixels.AsSpan((first + index) * stride, stride);
                for (var place = 0; place < stride; place++)
                {
                    sums[place] += source[place] * weights[index];
                }
            }

            for (var place = 0; place < stride; place++)
            {
                result[row * stride + place] = Clip(sums[place]);
            }
        }

        return result;
    }

    private static byte Clip(int sum) => (byte)Math.Clamp(sum >> PrecisionBits, 0, 255);
}

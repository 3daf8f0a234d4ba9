using System.Runtime.InteropServices;

namespace Pipeline.Models.Procedural;

/// <summary>Mean and spread of the colours of one border, row by row, in luma and two colour differences.</summary>
internal sealed class BorderColours
{
    // Deviations below these are the camera's, not the scene's.
    private const float LeastLuma = 0.04f;
    private const float LeastChroma = 0.028f;

    // A border that holds everything would make nothing strange.
    private const float Most = 0.16f;

    private readonly Row[] rows;

    private BorderColours(Row[] rows) => this.rows = rows;

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Row(Shade Mean, float Luma, float First, float Second, float OfLuma, float OfFirst, float OfSecond);

    /// <summary>Measures the <paramref name="count"/> columns from <paramref name="from"/>, each row with a few of its neighbours.</summary>
    public static BorderColours Of(Canvas canvas, int from, int count)
    {
        var single = new Sums[canvas.Height];
        for (var y = 0; y < single.Length; y++)
        {
            for (var i = y * canvas.Width + from; i < y * canvas.Width + from + count; i++)
            {
                single[y] = single[y].Plus(canvas.Red[i], canvas.Green[i], canvas.Blue[i]);
            }
        }

        var reach = Math.Max(1, canvas.Height / 24);
        var found = new Row[canvas.Height];
        for (var y = 0; y < found.Length; y++)
        {
            var sums = default(Sums);
            for (var row = Math.Max(y - reach, 0); row <= Math.Min(y + reach, found.Length - 1); row++)
            {
                sums = sums.Plus(single[row]);
            }

            found[y] = sums.ToRow();
        }

        return new BorderColours(found);
    }

    /// <summary>How many deviations a pixel's colour is from its row's border.</summary>
    public float Strangeness(Canvas canvas, int index, int row)
    {
        var border = rows[row];
        var (luma, first, second) = Split(canvas.Red[index], canvas.Green[index], canvas.Blue[index]);
        var x = (luma - border.Luma) / border.OfLuma;
        var y = (first - border.First) / border.OfFirst;
        var z = (second - border.Second) / border.OfSecond;
        return MathF.Sqrt(x * x + y * y + z * z);
    }

    /// <summary>Mean change of a channel between the rows above and below, 0 to 1.</summary>
    public float Step(int row, int window)
    {
        float red = 0;
        float green = 0;
        float blue = 0;
        for (var k = 0; k < window; k++)
        {
            var above = rows[Math.Max(row - 1 - k, 0)].Mean;
            var below = rows[Math.Min(row + k, rows.Length - 1)].Mean;
            red += above.Red - below.Red;
            green += above.Green - below.Green;
            blue += above.Blue - below.Blue;
        }

        return (MathF.Abs(red) + MathF.Abs(green) + MathF.Abs(blue)) / (3 * window);
    }

    private static (float Luma, float First, float Second) Split(float red, float green, float blue) =>
        (0.2126f * red + 0.7152f * green + 0.0722f * blue, red - green, blue - 0.5f * (red + green));

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Sums(int Count, Shade Colour, Shade Parts, Shade Squares)
    {
        public Sums Plus(float red, float green, float blue)
        {
            var (luma, first, second) = Split(red, green, blue);
            return Plus(
                new Sums(
                    1,
                    new Shade(red, green, blue),
                    new Shade(luma, first, second),
                    new Shade(luma * luma, first * first, second * second)
                )
            );
        }

        public Sums Plus(Sums other) =>
            new(Count + other.Count, Add(Colour, other.Colour), Add(Parts, other.Parts), Add(Squares, other.Squares));

        public Row ToRow()
        {
            var mean = Parts * (1f / Count);
            var square = Squares * (1f / Count);
            return new Row(
                Colour * (1f / Count),
                mean.Red,
                mean.Green,
                mean.Blue,
                Deviation(square.Red, mean.Red, LeastLuma),
                Deviation(square.Green, mean.Green, LeastChroma),
                Deviation(square.Blue, mean.Blue, LeastChroma)
            );
        }

        private static float Deviation(float square, float mean, float least) =>
            Math.Clamp(MathF.Sqrt(MathF.Max(square - mean * mean, 0)), least, Most);

        private static Shade Add(Shade a, Shade b) => new(a.Red + b.Red, a.Green + b.Green, a.Blue + b.Blue);
    }
}

namespace Pipeline.Models.Images;

/// <summary>The filters of <see cref="PillowResize"/>.</summary>
internal enum PillowFilter
{
    /// <summary>A triangle.</summary>
    Bilinear,

    /// <summary>Keys' cubic with a = -0.5.</summary>
    Bicubic,
}

/// <summary>Which source samples make each target sample along one axis, and by how much, in Pillow's fixed point.</summary>
/// <remarks>
/// A weight is an integer of <see cref="Bits"/> fractional bits. It is kept as two int16, <c>High × 2^<see cref="LowBits"/> + Low</c>, so that vector code
/// multiplies int16 and adds int32 and loses nothing: the sum is the same integer.
/// </remarks>
internal sealed class PillowAxis
{
    /// <summary>Fractional bits of a weight.</summary>
    public const int Bits = 32 - 8 - 2;

    /// <summary>Bits in the lower half of a weight.</summary>
    public const int LowBits = 11;

    private PillowAxis(int targets, int taps)
    {
        Taps = taps;
        First = new int[targets];
        Counts = new int[targets];
        Weights = new int[targets * taps];
        High = new short[targets * taps];
        Low = new short[targets * taps];
    }

    /// <summary>Weights kept for each target sample, a multiple of 4; those past <see cref="Counts"/> are zero.</summary>
    public int Taps { get; }

    /// <summary>The first source sample of each target sample.</summary>
    public int[] First { get; }

    /// <summary>The source samples that count.</summary>
    public int[] Counts { get; }

    /// <summary><c>[target, taps]</c>.</summary>
    public int[] Weights { get; }

    /// <summary>The upper halves of <see cref="Weights"/>.</summary>
    public short[] High { get; }

    /// <summary>The lower halves of <see cref="Weights"/>, 0 to 2047.</summary>
    public short[] Low { get; }

    /// <summary>The first source sample that any target sample reads, and how many from there on.</summary>
    public (int First, int Count) Reach
    {
        get
        {
            var last = 0;
            for (var index = 0; index < First.Length; index++)
            {
                last = Math.Max(last, First[index] + Counts[index]);
            }

            return (First.Min(), last - First.Min());
        }
    }

    /// <summary>The axis for resizing <paramref name="from"/> samples to <paramref name="to"/>, of which a window is wanted.</summary>
    public static PillowAxis Of(int from, int to, int start, int count, PillowFilter filter)
    {
        var scale = (double)from / to;
        var stretch = Math.Max(scale, 1);
        var reach = (filter == PillowFilter.Bicubic ? 2 : 1) * stretch;
        var axis = new PillowAxis(count, (Math.Min(from, (int)Math.Ceiling(reach) * 2 + 1) + 3) / 4 * 4);
        var exact = new double[axis.Taps];
        for (var index = 0; index < count; index++)
        {
            var center = (start + index + 0.5) * scale;
            var first = Math.Max(0, (int)(center - reach + 0.5));
            var taps = Math.Min(from, (int)(center + reach + 0.5)) - first;
            var sum = 0.0;
            for (var tap = 0; tap < taps; tap++)
            {
                exact[tap] = Weight(filter, (tap + first - center + 0.5) * (1 / stretch));
                sum += exact[tap];
            }

            axis.First[index] = first;
            axis.Counts[index] = taps;
            for (var tap = 0; tap < taps; tap++)
            {
                axis.Set((index * axis.Taps) + tap, Fixed(sum == 0 ? exact[tap] : exact[tap] / sum));
            }
        }

        return axis;
    }

    private void Set(int place, int weight)
    {
        Weights[place] = weight;
        High[place] = (short)(weight >> LowBits);
        Low[place] = (short)(weight & ((1 << LowBits) - 1));
    }

    private static int Fixed(double weight) => (int)((weight < 0 ? -0.5 : 0.5) + weight * (1 << Bits));

    private static double Weight(PillowFilter filter, double x)
    {
        const double a = -0.5;
        x = Math.Abs(x);
        if (filter == PillowFilter.Bilinear)
        {
            return Math.Max(0, 1 - x);
        }

        return x switch
        {
            < 1 => (((a + 2) * x - (a + 3)) * x * x) + 1,
            < 2 => (((x - 5) * x + 8) * x - 4) * a,
            _ => 0,
        };
    }
}

namespace Pipeline.Models.Images;

/// <summary>Which source samples make each target sample along one axis, and by how much: a triangle filter, widened when shrinking.</summary>
/// <remarks>
/// The geometry is Pillow's BILINEAR: the target sample <c>t</c> is centred at <c>(t + ½) × extent ÷ target</c> and reaches
/// <c>max(1, extent ÷ target)</c> to both sides; weights beyond the edge are left out and the rest rescaled. Weights are
/// integers that sum to exactly 2^14, so a uniform image stays as it is; the rounding left over goes to the largest weight.
/// </remarks>
internal sealed class ResizeAxis
{
    /// <summary>Weights are fractions of two to this power.</summary>
    public const int WeightBits = 14;

    private const int One = 1 << WeightBits;

    private ResizeAxis(int target, int taps)
    {
        Taps = taps;
        First = new int[PlanePadding.Stride(target)];
        Counts = new int[target];
        Weights = new short[First.Length * taps];
    }

    /// <summary>Target samples.</summary>
    public int Target => Counts.Length;

    /// <summary>Weights kept for each target sample, a multiple of 8; those past <see cref="Counts"/> are zero.</summary>
    public int Taps { get; }

    /// <summary>The first source sample of each target sample; padded to a multiple of 16 with zeros.</summary>
    public int[] First { get; }

    /// <summary>The source samples that count, at least 1.</summary>
    public int[] Counts { get; }

    /// <summary><c>[target, taps]</c>, padded like <see cref="First"/>.</summary>
    public short[] Weights { get; }

    /// <summary>The axis for resizing.</summary>
    /// <param name="source">Samples there are.</param>
    /// <param name="extent">Source samples that the target spans, from the first sample's edge: <paramref name="source"/>, or up to
    /// one less where the last sample is only partly covered, as after scaled decoding.</param>
    /// <param name="target">Samples wanted.</param>
    public static ResizeAxis Of(int source, double extent, int target)
    {
        var scale = extent / target;
        var reach = Math.Max(scale, 1.0);
        var taps = Math.Min(source, (int)Math.Ceiling(reach * 2) + 1);
        var axis = new ResizeAxis(target, (taps + 7) / 8 * 8);
        Span<double> exact = taps <= 64 ? stackalloc double[64] : new double[taps];
        for (var index = 0; index < target; index++)
        {
            var center = (index + 0.5) * scale;
            var first = Math.Clamp((int)(center - reach + 0.5), 0, source - 1);
            var last = Math.Clamp((int)(center + reach + 0.5), first + 1, source);
            axis.First[index] = first;
            axis.Counts[index] = Math.Min(last - first, taps);
            Fill(axis.Weights.AsSpan(index * axis.Taps, axis.Counts[index]), exact, first + 0.5 - center, 1 / reach);
        }
        return axis;
    }

    private static void Fill(Span<short> weights, Span<double> exact, double offset, double inverseReach)
    {
        var sum = 0.0;
        for (var tap = 0; tap < weights.Length; tap++)
        {
            exact[tap] = Math.Max(0, 1 - Math.Abs((tap + offset) * inverseReach));
            sum += exact[tap];
        }
        var (left, largest) = (One, 0);
        var unit = sum > 0 ? One / sum : 0;
        for (var tap = 0; tap < weights.Length; tap++)
        {
            weights[tap] = (short)((exact[tap] * unit) + 0.5);
            left -= weights[tap];
            largest = weights[tap] > weights[largest] ? tap : largest;
        }
        weights[largest] += (short)left;
    }
}

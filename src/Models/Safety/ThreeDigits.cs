namespace Pipeline.Models.Safety;

/// <summary>Python's <c>round(x, 3)</c>.</summary>
internal static class ThreeDigits
{
    private const double Scale = 1000;

    /// <summary>The number of thousandths nearest to the exact value of <paramref name="value"/>, an even one where two are equally near; for values up to 10⁹.</summary>
    /// <remarks>Rounding x × 1000 would round twice: 0.0005 as a double lies over the middle, its product with 1000 on it. A fused product shows the side.</remarks>
    public static double Round(double value)
    {
        var near = Math.Round(value * Scale);
        var above = Math.FusedMultiplyAdd(value, Scale, -(near + 0.5));
        var below = Math.FusedMultiplyAdd(value, Scale, -(near - 0.5));
        var isOdd = near % 2 != 0;
        return (
                above > 0 || (above == 0 && isOdd) ? near + 1
                : below < 0 || (below == 0 && isOdd) ? near - 1
                : near
            ) / Scale;
    }
}

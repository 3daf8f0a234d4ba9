namespace Pipeline.Stages.Report.Seeds;

/// <summary>Student's t distribution.</summary>
public static class StudentT
{
    private const double Tolerance = 1e-14;
    private const int MostTerms = 10_000;
    private const double Tiny = 1e-300; // keeps the continued fraction from dividing by zero
    private const int Halvings = 200;

    // Lanczos' approximation of ln Γ with g = 7 and nine terms (Godfrey 2001); good to 1e-14 for positive arguments.
    private const double LanczosG = 7;
    private static readonly double[] Lanczos =
    [
        0.99999999999980993,
        676.5203681218851,
        -1259.1392167224028,
        771.32342877765313,
        -176.61502916214059,
        12.507343278686905,
        -0.13857109526572012,
        9.9843695780195716e-6,
        1.5056327351493116e-7,
    ];

    /// <summary>Probability that the absolute value is at least that of <paramref name="t"/>: I(ν/(ν+t²); ν/2, 1/2) (Abramowitz and Stegun 26.7.1).</summary>
    /// <param name="t">Any number.</param>
    /// <param name="degrees">Degrees of freedom, more than 0; need not be whole.</param>
    public static double TwoSided(double t, double degrees) =>
        double.IsInfinity(t) ? 0 : RegularisedBeta(degrees / (degrees + (t * t)), degrees / 2, 0.5);

    /// <summary>The t whose absolute value is exceeded with this probability: for 0.05 the half width of a 95 % interval, in standard errors.</summary>
    /// <param name="probability">More than 0, less than 1.</param>
    /// <param name="degrees">Degrees of freedom, more than 0; need not be whole.</param>
    public static double Exceeded(double probability, double degrees)
    {
        var (low, high) = (0.0, 1.0);
        while (TwoSided(high, degrees) > probability)
            high *= 2;
        for (var step = 0; step < Halvings && high - low > Tolerance * high; step++)
        {
            var middle = (low + high) / 2;
            if (TwoSided(middle, degrees) > probability)
                low = middle;
            else
                high = middle;
        }

        return (low + high) / 2;
    }

    /// <summary>The regularised incomplete beta function I(x; a, b) by its continued fraction (NIST DLMF 8.17.22), which converges fast below the mean.</summary>
    private static double RegularisedBeta(double x, double a, double b)
    {
        if (x <= 0)
            return 0;
        if (x >= 1)
            return 1;
        return x < (a + 1) / (a + b + 2) ? Front(x, a, b) / Fraction(x, a, b) : 1 - (Front(1 - x, b, a) / Fraction(1 - x, b, a));
    }

    private static double Front(double x, double a, double b) =>
        Math.Exp((a * Math.Log(x)) + (b * Math.Log(1 - x)) + LogGamma(a + b) - LogGamma(a) - LogGamma(b)) / a;

    /// <summary>1 + d1/(1 + d2/(1 + …)) by the modified method of Lentz (Thompson and Barnett 1986).</summary>
    private static double Fraction(double x, double a, double b)
    {
        var (value, up, down) = (1.0, 1.0, 0.0);
        for (var term = 1; term <= MostTerms; term++)
        {
            var m = term / 2;
            var coefficient =
                term % 2 == 0
                    ? m * (b - m) * x / ((a + (2 * m) - 1) * (a + (2 * m)))
                    : -(a + m) * (a + b + m) * x / ((a + (2 * m)) * (a + (2 * m) + 1));
            down = 1 / NotZero(1 + (coefficient * down));
            up = NotZero(1 + (coefficient / up));
            value *= up * down;
            if (Math.Abs((up * down) - 1) < Tolerance)
                break;
        }

        return value;
    }

    private static double NotZero(double value) => Math.Abs(value) < Tiny ? Tiny : value;

    private static double LogGamma(double x)
    {
        var sum = Lanczos[0];
        for (var term = 1; term < Lanczos.Length; term++)
            sum += Lanczos[term] / (x - 1 + term);
        var shifted = x - 1 + LanczosG + 0.5;
        return (0.5 * Math.Log(2 * Math.PI)) + ((x - 0.5) * Math.Log(shifted)) - shifted + Math.Log(sum);
    }
}

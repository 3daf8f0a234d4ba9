namespace Pipeline.Stages.Report.Seeds;

/// <summary>What can be said of the difference between two groups of seeds.</summary>
public enum Noise
{
    /// <summary>Nothing: a side has one seed, or no seed differs from another.</summary>
    Unknown,

    /// <summary>It is no larger than chance between seeds makes it.</summary>
    Within,

    /// <summary>Chance between seeds makes so large a difference less than once in 20 times.</summary>
    Beyond,
}

/// <summary>The mean of one group of seeds less that of another, by Welch's t test (Welch 1947): the groups may vary differently.</summary>
/// <param name="Value">Second mean less first.</param>
/// <param name="HalfWidth">Of its 95 % interval; null where nothing can be said.</param>
/// <param name="Probability">p of the two-sided test; null where nothing can be said.</param>
public sealed record Difference(double Value, double? HalfWidth, double? Probability)
{
    /// <summary>Whether it is beyond the noise of the seeds, at 5 %.</summary>
    public Noise Noise =>
        Probability switch
        {
            null => Noise.Unknown,
            < SeedSummary.Risk => Noise.Beyond,
            _ => Noise.Within,
        };

    /// <summary>Of two groups of seeds.</summary>
    public static Difference Between(SeedSummary first, SeedSummary second)
    {
        var value = second.Mean - first.Mean;
        if (Share(first) is not { } one || Share(second) is not { } two || one + two <= 0)
            return new Difference(value, null, null);
        var error = Math.Sqrt(one + two);
        // Welch and Satterthwaite's degrees of freedom.
        var degrees = (one + two) * (one + two) / ((one * one / (first.Count - 1)) + (two * two / (second.Count - 1)));
        return new Difference(value, StudentT.Exceeded(SeedSummary.Risk, degrees) * error, StudentT.TwoSided(value / error, degrees));
    }

    /// <summary>Variance of the mean; null with one seed.</summary>
    private static double? Share(SeedSummary summary) => summary.Deviation * summary.Deviation / summary.Count;
}

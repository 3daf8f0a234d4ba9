namespace Pipeline.Stages.Report.Seeds;

/// <summary>One measure over the seeds of a training.</summary>
/// <param name="Count">Seeds, at least 1.</param>
/// <param name="Mean">Over the seeds.</param>
/// <param name="Deviation">Standard deviation with n − 1; null with one seed.</param>
/// <param name="HalfWidth">Of the 95 % t interval of the mean; null with one seed, which says nothing of the others.</param>
public sealed record SeedSummary(int Count, double Mean, double? Deviation, double? HalfWidth)
{
    /// <summary>Share of the intervals that miss the true mean, if the seeds vary normally.</summary>
    public const double Risk = 0.05;

    /// <summary>Lower end of the interval.</summary>
    public double? Low => Mean - HalfWidth;

    /// <summary>Upper end of the interval.</summary>
    public double? High => Mean + HalfWidth;

    /// <summary>Of at least one value.</summary>
    public static SeedSummary Of(IReadOnlyCollection<double> values)
    {
        var mean = values.Average();
        if (values.Count == 1)
            return new SeedSummary(1, mean, null, null);
        var deviation = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1));
        var width = StudentT.Exceeded(Risk, values.Count - 1) * deviation / Math.Sqrt(values.Count);
        return new SeedSummary(values.Count, mean, deviation, width);
    }
}

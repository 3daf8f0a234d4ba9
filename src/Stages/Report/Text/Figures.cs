using System.Globalization;
using Pipeline.Stages.Report.Seeds;

namespace Pipeline.Stages.Report.Text;

/// <summary>Numbers as a report writes them, the same in every culture.</summary>
public static class Figures
{
    /// <summary>What stands where there is nothing.</summary>
    public const string None = "–";

    /// <summary><c>1,440</c>.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary><c>48.6 %</c>.</summary>
    public static string Share(double share) => string.Create(CultureInfo.InvariantCulture, $"{Rounded(share):F1} %");

    /// <summary><c>49 %</c>.</summary>
    public static string Whole(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:F0} %");

    /// <summary><c>48.6 ± 1.2 %</c>, without the interval where there is one seed; a dash for nothing.</summary>
    public static string Share(SeedSummary? summary) =>
        summary is null ? None
        : summary.HalfWidth is { } width
            ? string.Create(CultureInfo.InvariantCulture, $"{Rounded(summary.Mean):F1} ± {Rounded(width):F1} %")
        : Share(summary.Mean);

    /// <summary><c>+3.2 points</c>: percentage points between two shares.</summary>
    public static string Points(double difference) => string.Create(CultureInfo.InvariantCulture, $"{Signed(difference)} points");

    /// <summary><c>+3.2 ± 1.9 points, p = 0.012</c>; without the rest where nothing can be said of noise.</summary>
    public static string Points(Difference difference) =>
        difference is { HalfWidth: { } width, Probability: { } probability }
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{Signed(difference.Value)} ± {Rounded(width):F1} points, {Probability(probability)}"
            )
            : Points(difference.Value);

    /// <summary><c>p = 0.012</c>, <c>p &lt; 0.001</c>.</summary>
    public static string Probability(double probability) =>
        probability < 0.001 ? "p < 0.001" : string.Create(CultureInfo.InvariantCulture, $"p = {probability:F3}");

    /// <summary><c>3.4 s</c>, <c>2 min 05 s</c>, <c>1 h 04 min</c>.</summary>
    public static string Time(TimeSpan time) =>
        time.TotalSeconds < 60 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:F1} s")
        : time.TotalMinutes < 60 ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes} min {time.Seconds:D2} s")
        : string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes:D2} min");

    /// <summary><c>3.4 MB</c>.</summary>
    public static string Bytes(long bytes) =>
        bytes switch
        {
            < 1000 => $"{bytes} bytes",
            < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:F1} kB"),
            < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:F1} MB"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:F1} GB"),
        };

    /// <summary><c>1,240</c>, <c>3.4</c>: rows a second.</summary>
    public static string Rate(double rate) => rate.ToString(rate < 100 ? "N1" : "N0", CultureInfo.InvariantCulture);

    /// <summary>A rounded zero has no sign; the minus is the typographic one.</summary>
    private static string Signed(double difference)
    {
        var points = Rounded(difference);
        return points == 0 ? "±0.0"
            : points > 0 ? string.Create(CultureInfo.InvariantCulture, $"+{points:F1}")
            : string.Create(CultureInfo.InvariantCulture, $"−{-points:F1}");
    }

    /// <summary>In hundredths, to one decimal, a half upwards as people do it.</summary>
    private static double Rounded(double share) => Math.Round(share * 100, 1, MidpointRounding.AwayFromZero);
}

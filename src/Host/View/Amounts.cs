using System.Globalization;

namespace Pipeline.Host.View;

/// <summary>Amounts as people read them; invariant culture.</summary>
internal static class Amounts
{
    private static readonly string[] Units = ["kB", "MB", "GB", "TB"];

    /// <summary><c>12,345</c>.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Items in a second: <c>0.4</c>, <c>41.3</c>, <c>1,234</c>.</summary>
    public static string PerSecond(double items) => items.ToString(items < 100 ? "0.0" : "N0", CultureInfo.InvariantCulture);

    /// <summary>A short time: <c>0.4 s</c>, <c>9.9 s</c>, and from ten seconds on as <see cref="Duration"/>.</summary>
    public static string Seconds(TimeSpan time) =>
        time.TotalSeconds < 9.95 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s") : Duration(time);

    /// <summary>A share of 0 to 1 as <c>93 %</c>; a dash for NaN.</summary>
    public static string Share(double share) => double.IsNaN(share) ? "–" : share.ToString("P0", CultureInfo.InvariantCulture);

    /// <summary>Decimal units: <c>999 bytes</c>, <c>12.3 kB</c>, <c>4.0 GB</c>.</summary>
    public static string Bytes(long bytes)
    {
        if (bytes < 1000)
            return $"{bytes} bytes";
        double value = bytes;
        var unit = -1;
        // 999.95 would be printed as 1000.0.
        while (value >= 999.95 && unit + 1 < Units.Length)
        {
            value /= 1000;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.0} {Units[Math.Max(unit, 0)]}");
    }

    /// <summary>Rounded to seconds, from an hour on cut to minutes: <c>8 s</c>, <c>3 min 05 s</c>, <c>2 h 04 min</c>.</summary>
    public static string Duration(TimeSpan time)
    {
        var seconds = (long)Math.Round(time.TotalSeconds, MidpointRounding.AwayFromZero);
        return seconds switch
        {
            < 60 => $"{seconds} s",
            < 3600 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60} min {seconds % 60:00} s"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600} h {seconds / 60 % 60:00} min"),
        };
    }
}

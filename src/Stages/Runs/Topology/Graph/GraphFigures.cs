using System.Globalization;
using System.Text;

namespace Pipeline.Stages.Runs.Topology.Graph;

/// <summary>A stage's figures as people read them; invariant culture.</summary>
internal static class GraphFigures
{
    /// <summary><c>1,234</c>, <c>0</c>; empty when it is not known.</summary>
    public static string Depth(StageActivity? activity) => activity?.Waiting?.ToString("N0", CultureInfo.InvariantCulture) ?? "";

    /// <summary><c>1,234 waiting</c>; empty when nothing waits or it is not known.</summary>
    public static string Waiting(StageActivity? activity) => activity?.Waiting > 0 ? $"{Depth(activity)} waiting" : "";

    /// <summary><c>41.3/s</c>, <c>1,234/s</c>; empty when nothing moves or it is not known.</summary>
    public static string Rate(StageActivity? activity) =>
        activity?.ItemsPerSecond is > 0 and < double.PositiveInfinity and var items
            ? $"{items.ToString(items < 99.95 ? "0.0" : "N0", CultureInfo.InvariantCulture)}/s"
            : "";

    /// <summary>The state without what could steer a terminal, break a line or not stand in XML.</summary>
    public static string State(StageActivity? activity) => Clean(activity?.ShownState ?? "");

    /// <summary>Text on one line; what is no letter of XML 1.0, or breaks a line, becomes U+FFFD.</summary>
    public static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            _ = Rune.IsControl(rune) || rune.Value is 0x2028 or 0x2029 or 0xFFFE or 0xFFFF ? clean.Append('\uFFFD') : clean.Append(rune);
        }

        return clean.ToString();
    }

    /// <summary>At most so many letters, the last an ellipsis where some are left out.</summary>
    public static string Cut(string text, int letters) =>
        text.Length <= letters ? text : string.Concat(text.AsSpan(0, letters - 1).TrimEnd(), "…");
}

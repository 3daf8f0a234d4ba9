namespace Pipeline.Stages.Ingest.Urls;

/// <summary>Reads <c>X-Robots-Tag</c>: whether the server asks that what it gives be neither indexed nor used to train on.</summary>
/// <remarks>
/// The directives are those that img2dataset respects. One may stand behind a robot's name (<c>googlebot: noindex</c>): such a line is for that
/// robot alone, and for us if it names us.
/// </remarks>
public static class RobotsTag
{
    private static readonly string[] Refusing = ["noai", "noimageai", "noindex", "noimageindex", "none"];

    /// <summary>The directive that refuses us; null if none does.</summary>
    /// <param name="values">The header's lines.</param>
    /// <param name="robot">Our name, as in the user agent.</param>
    public static string? Refusal(IEnumerable<string> values, string robot)
    {
        foreach (var line in values)
        {
            var ours = true;
            foreach (var part in line.Split(',', StringSplitOptions.TrimEntries))
            {
                var directive = part;
                var colon = part.IndexOf(':', StringComparison.Ordinal);
                if (
                    colon > 0
                    && !part.StartsWith("max-", StringComparison.OrdinalIgnoreCase)
                    && !part.StartsWith("unavailable_after", StringComparison.OrdinalIgnoreCase)
                )
                {
                    ours = part.AsSpan(0, colon).Trim().Equals(robot, StringComparison.OrdinalIgnoreCase) || part[0] == '*';
                    directive = part[(colon + 1)..].Trim();
                }

                if (ours && Refusing.Contains(directive, StringComparer.OrdinalIgnoreCase))
                    return directive.ToLowerInvariant();
            }
        }

        return null;
    }
}

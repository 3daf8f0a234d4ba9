using System.Globalization;
using Pipeline.Sdk;

namespace Pipeline.Stages.Select;

/// <summary>Which of the edits that the filter kept go into the augmented training set (ALIA: one a source, of its first variants).</summary>
public sealed record SelectOptions : IStageOptions
{
    private const int MostPerSource = 64;
    private const string Match = "match:";

    /// <summary>Edits kept of one source image; 1 to 64. ALIA keeps 1.</summary>
    public int PerSource { get; init; } = 1;

    /// <summary>
    /// <c>all</c>; a whole number N (N divided by the number of classes, rounded down, for each class); or <c>match:SPLIT</c> (for each class as many as
    /// that split has).
    /// </summary>
    public string Quota { get; init; } = "all";

    /// <summary>Whether a class that is short of its quota is filled by drawing its edits again. Off, because it hides that edits are missing.</summary>
    public bool Replacement { get; init; }

    /// <summary>Whether only variant 0 of each prompt is considered, as in ALIA.</summary>
    public bool VariantZeroOnly { get; init; } = true;

    /// <summary>N where <see cref="Quota"/> is a whole number.</summary>
    internal int? Total => int.TryParse(Quota, NumberStyles.None, CultureInfo.InvariantCulture, out var total) && total > 0 ? total : null;

    /// <summary>SPLIT where <see cref="Quota"/> is <c>match:SPLIT</c>.</summary>
    internal string? MatchedSplit =>
        Quota.StartsWith(Match, StringComparison.Ordinal) && Quota.Length > Match.Length ? Quota[Match.Length..] : null;

    /// <inheritdoc/>
    public IEnumerable<string> Faults(string stage)
    {
        if (PerSource is < 1 or > MostPerSource)
            yield return $"{stage}.perSource is {PerSource}; it must be between 1 and {MostPerSource} edits. Set it in the pipeline file or with --set.";
        if (Quota != "all" && Total is null && MatchedSplit is null)
            yield return $"{stage}.quota is '{Quota}'; it must be 'all', a whole number from 1 on, or 'match:' and a split's name. Set it in the pipeline file or with --set.";
    }
}

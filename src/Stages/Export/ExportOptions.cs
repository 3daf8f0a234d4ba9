using System.Globalization;
using System.Text.RegularExpressions;
using Pipeline.Sdk;

namespace Pipeline.Stages.Export;

/// <summary>How the augmented data set is cut into files, and what its card cannot know of itself.</summary>
public sealed partial record ExportOptions : IStageOptions
{
    private const long LeastBytes = 1L << 20;
    private const long MostBytes = 1L << 30;
    private const long LeastGroup = 1L << 10;
    private const long MostGroup = 1L << 28;

    /// <summary>
    /// Bytes of images after which a file ends; 1 MiB to 1 GiB. One file is held in memory while it is written, so this bounds the memory too.
    /// </summary>
    public long ShardBytes { get; init; } = 256L << 20;

    /// <summary>
    /// Bytes of values after which a row group of a file ends; 1 KiB to 256 MiB. A reader that streams or draws rows at random fetches one group at
    /// a time: 8 MiB is one quick request and about a hundred photographs of 80 kB, and a hundred images a group is what <c>datasets</c> itself
    /// writes (<c>PARQUET_ROW_GROUP_SIZE_FOR_IMAGE_DATASETS</c>).
    /// </summary>
    public long RowGroupBytes { get; init; } = 8L << 20;

    /// <summary>Identifier from spdx.org/licenses, such as <c>CC-BY-4.0</c>; null leaves it open, and the card says so, because only the user can know it.</summary>
    public string? License { get; init; }

    /// <summary>Who made the data set, for its card; null leaves it open.</summary>
    public string? Creator { get; init; }

    /// <summary>Address of the published data set, http or https; null for one that lies beside its description.</summary>
    public string? Url { get; init; }

    /// <summary>Day of publication, as <c>2026-01-31</c>; null for one that is not published. Never taken from the clock: equal runs give equal files.</summary>
    public string? Published { get; init; }

    /// <inheritdoc/>
    public IEnumerable<string> Faults(string stage)
    {
        if (ShardBytes is < LeastBytes or > MostBytes)
            yield return $"{stage}.shardBytes is {ShardBytes}; it must be between {LeastBytes} and {MostBytes} bytes. Set it in the pipeline file or with --set.";
        if (RowGroupBytes is < LeastGroup or > MostGroup)
            yield return $"{stage}.rowGroupBytes is {RowGroupBytes}; it must be between {LeastGroup} and {MostGroup} bytes. Set it in the pipeline file or with --set.";
        if (License is not null && !Identifier().IsMatch(License))
            yield return $"{stage}.license is '{License}'; it must be an identifier of spdx.org/licenses, such as CC-BY-4.0. Set it in the pipeline file or with --set.";
        if (Creator is not null && (string.IsNullOrWhiteSpace(Creator) || Creator.Any(char.IsControl)))
            yield return $"{stage}.creator is '{Creator}'; it must be a name. Set it in the pipeline file or with --set.";
        if (Url is not null && !(Uri.TryCreate(Url, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
            yield return $"{stage}.url is '{Url}'; it must be an address that begins with http:// or https://. Set it in the pipeline file or with --set.";
        if (
            Published is not null
            && !DateOnly.TryParseExact(Published, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
        )
            yield return $"{stage}.published is '{Published}'; it must be a day such as 2026-01-31. Set it in the pipeline file or with --set.";
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9.+-]{0,63}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Identifier();
}

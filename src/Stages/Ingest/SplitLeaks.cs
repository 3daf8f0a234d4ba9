using System.Globalization;

namespace Pipeline.Stages.Ingest;

/// <summary>An image whose bytes lie in another split too.</summary>
/// <param name="Uri">The later one in the listing.</param>
/// <param name="Split">Its split.</param>
/// <param name="OtherSplit">The split of the first one with these bytes.</param>
/// <param name="OtherNumber">Where in the listing the first one stands, from 1.</param>
internal sealed record SplitLeak(string Uri, string Split, string OtherSplit, long OtherNumber)
{
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Uri} is of the split {Split} and has the same bytes as an image of the split {OtherSplit} (number {OtherNumber} of the listing)"
        );
}

/// <summary>Finds images whose bytes lie in two splits: a test on what was trained on measures nothing.</summary>
/// <remarks>About 40 bytes of memory an image. Called in the order of the listing, so that of two the later is found, always the same one.</remarks>
internal sealed class SplitLeaks
{
    private readonly Dictionary<UInt128, (long Number, byte Split)> seen = [];
    private readonly List<string> splits = [];
    private readonly SortedDictionary<long, SplitLeak> found = []; // by number: a batch may be looked at twice

    /// <summary>All that were found.</summary>
    public IReadOnlyList<SplitLeak> Found => [.. found.Values];

    /// <summary>Takes an image; null unless its bytes lie in another split.</summary>
    /// <param name="content">Hash of the bytes.</param>
    /// <param name="row">The image.</param>
    /// <param name="number">Where in the listing it stands, from 1.</param>
    public SplitLeak? Find(UInt128 content, IngestRow row, long number)
    {
        var split = splits.IndexOf(row.Split);
        if (split < 0)
        {
            split = splits.Count;
            splits.Add(row.Split);
        }

        if (seen.TryAdd(content, (number, (byte)split)) || seen[content] is var (first, other) && other == split)
            return null;
        var leak = new SplitLeak(row.Uri, row.Split, splits[seen[content].Split], seen[content].Number);
        found[number] = leak;
        return leak;
    }
}

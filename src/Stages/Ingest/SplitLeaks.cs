namespace Pipeline.Stages.Ingest;

/// <summary>Finds images whose bytes lie in two splits: a test on what was trained on measures nothing.</summary>
/// <remarks>About 40 bytes of memory an image. Called in the order of the listing, so that of two the later is found, always the same one.</remarks>
internal sealed class SplitLeaks
{
    private readonly Dictionary<UInt128, (int Batch, int Entry, byte Split)> seen = [];
    private readonly List<string> splits = [];

    /// <summary>Images found.</summary>
    public long Count { get; private set; }

    /// <summary>Takes an image; tells where its bytes lie in another split, or null.</summary>
    public (int Batch, int Entry, string Split)? Find(UInt128 content, string split, int batch, int entry)
    {
        var index = splits.IndexOf(split);
        if (index < 0)
        {
            index = splits.Count;
            splits.Add(split);
        }

        if (seen.TryAdd(content, (batch, entry, (byte)index)) || seen[content].Split == index)
            return null;
        Count++;
        var first = seen[content];
        return (first.Batch, first.Entry, splits[first.Split]);
    }
}

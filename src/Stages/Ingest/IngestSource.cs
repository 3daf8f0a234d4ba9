namespace Pipeline.Stages.Ingest;

/// <summary>A labelled image data set where it lies: lists its samples without opening them.</summary>
/// <remarks>
/// Formats are those of <see cref="SourceFormat"/>. The entries come in the same order each time. For a folder no more than the names of one
/// folder are held at a time; for a table no more than a row, after a first pass that checks it whole.
/// </remarks>
public sealed class IngestSource : IDisposable
{
    private readonly ISourceListing listing;
    private long ignored;

    private IngestSource(ISourceListing listing) => this.listing = listing;

    /// <summary>Absolute path of the folder that uris are relative to.</summary>
    public string Root => listing.Root;

    /// <summary>A word of <see cref="SourceFormat"/>, in lower case.</summary>
    public string Format => listing.Format;

    /// <summary>The classes in ordinal order, by number if all are integers, or as the source numbers them; a label is an index into them.</summary>
    public IReadOnlyList<string> ClassNames => listing.ClassNames;

    /// <summary>Files (and hidden folders) that the latest walk of <see cref="Entries"/> passed over: not images by their name, or hidden.</summary>
    public long Ignored => Interlocked.Read(ref ignored);

    /// <summary>Images that are read at one time.</summary>
    public int Concurrency => listing.Concurrency;

    /// <summary>Refuses a source whose images are fetched from addresses.</summary>
    /// <exception cref="InputException">It is one.</exception>
    public void CheckOffline()
    {
        if (listing.HasAddresses)
        {
            throw new InputException(
                $"--offline is given, and the input below {Root} names addresses from which images are fetched; it must lie on this machine. Leave --offline out, or fetch the images first."
            );
        }
    }

    /// <summary>Finds out the layout and the classes.</summary>
    /// <param name="inputPath">A folder or a file of one of the formats; for tars also several by <c>{first..last}</c>.</param>
    /// <param name="options">The format and the columns; without <see cref="IngestOptions.Faults"/>.</param>
    /// <exception cref="InputException">Nothing can be taken from there; says what to do.</exception>
    public static IngestSource Open(string inputPath, IngestOptions options)
    {
        var path = Path.GetFullPath(inputPath);
        var found = SourceDetection.Open(path, options);
        return new(options.ValidationShare + options.TestShare > 0 ? new DeclaredSplits(found, path, options) : found);
    }

    /// <summary>After it, no image can be read from its entries.</summary>
    public void Dispose() => listing.Dispose();

    /// <summary>One hash over all that is listed: equal to that of an earlier run, nothing is to be done. Images in containers are not walked.</summary>
    /// <param name="limit">Only the first so many samples; null for all.</param>
    public string Stamp(int? limit)
    {
        var hash = new ListingHash(ClassNames);
        if (listing.Containers is { } containers)
        {
            foreach (var file in containers)
                hash.Add(file);
        }
        else
        {
            foreach (var entry in Entries().Take(limit ?? int.MaxValue))
                hash.Add(entry);
        }

        return hash.Finish();
    }

    /// <summary>The samples; may be walked again, one walk at a time.</summary>
    /// <exception cref="InputException">A folder cannot be listed, or the input changed since <see cref="Open"/> so that it is no longer right.</exception>
    public IEnumerable<SourceEntry> Entries()
    {
        Interlocked.Exchange(ref ignored, 0);
        foreach (var entry in listing.Entries(count => Interlocked.Add(ref ignored, count)))
            yield return entry;
    }
}

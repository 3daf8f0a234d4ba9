namespace Pipeline.Stages.Ingest;

/// <summary>A labelled image data set where it lies: lists its samples without opening them.</summary>
/// <remarks>
/// Formats: <c>imagefolder</c>, <c>[split/]class/…/file</c>, and <c>csv</c>, a table with a header. The entries come in the same order each time.
/// For a folder no more than the names of one folder are held at a time; for a table no more than a row, after a first pass that checks it whole.
/// </remarks>
public sealed class IngestSource
{
    private const string TableName = "metadata.csv";

    private readonly ISourceListing listing;
    private long ignored;

    private IngestSource(ISourceListing listing) => this.listing = listing;

    /// <summary>Absolute path of the folder that uris are relative to.</summary>
    public string Root => listing.Root;

    /// <summary>imagefolder or csv.</summary>
    public string Format => listing.Format;

    /// <summary>The classes in ordinal order, or by number if all are integers; a label is an index into them.</summary>
    public IReadOnlyList<string> ClassNames => listing.ClassNames;

    /// <summary>Files (and hidden folders) that the latest walk of <see cref="Entries"/> passed over: not images by their name, or hidden.</summary>
    public long Ignored => Interlocked.Read(ref ignored);

    /// <summary>Finds out the layout and the classes.</summary>
    /// <param name="inputPath">A folder, or a .csv or .tsv file.</param>
    /// <param name="options">The format and the columns; without <see cref="IngestOptions.Faults"/>.</param>
    /// <exception cref="InputException">Nothing can be taken from there; says what to do.</exception>
    public static IngestSource Open(string inputPath, IngestOptions options)
    {
        var path = Path.GetFullPath(inputPath);
        var isFolder = Directory.Exists(path);
        if (!isFolder && !File.Exists(path))
            throw new InputException(
                $"The input {path} is not there; it must be a folder of images or a .csv or .tsv file. Check the path."
            );
        if (!isFolder)
            return new(new CsvSource(path, Table(path, options), options));

        var table = Path.Combine(path, TableName);
        return options.Format switch
        {
            SourceFormat.ImageFolder => new(new ImageFolderSource(path)),
            SourceFormat.Auto when !File.Exists(table) => new(new ImageFolderSource(path)),
            _ when File.Exists(table) => new(new CsvSource(table, ',', options)),
            _ => throw new InputException(
                $"The input {path} has no {TableName} directly inside; with format csv it must have one. Add it, name the .csv file itself, or set format to imagefolder."
            ),
        };
    }

    /// <summary>The samples; may be walked again, one walk at a time.</summary>
    /// <exception cref="InputException">A folder cannot be listed, or the input changed since <see cref="Open"/> so that it is no longer right.</exception>
    public IEnumerable<SourceEntry> Entries()
    {
        Interlocked.Exchange(ref ignored, 0);
        foreach (var entry in listing.Entries(count => Interlocked.Add(ref ignored, count)))
            yield return entry;
    }

    private static char Table(string path, IngestOptions options)
    {
        if (options.Format == SourceFormat.ImageFolder)
            throw new InputException(
                $"The input {path} is a file; with format imagefolder it must be a folder. Name the folder, or set format to csv."
            );
        return Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".csv" => ',',
            ".tsv" => '\t',
            var other => throw new InputException(
                $"The input {path} is a file with the extension '{other}'; it must be a folder of images or a .csv or .tsv file. Name one of these."
            ),
        };
    }
}

using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Pipeline.Stages.Ingest.Urls;

namespace Pipeline.Stages.Ingest;

/// <summary>A table with one row an image, in the order of its rows; a first pass checks every row and collects the classes.</summary>
/// <remarks>A path with <c>://</c> in it is an address, from which the image is fetched; one that may not be asked is a fault of its sample alone.</remarks>
internal sealed class ManifestSource : ISourceListing
{
    private const int Downloads = 16; // that wait on servers at one time; each host is asked at a rate of its own

    private readonly IManifestTable table;
    private readonly bool http;
    private readonly Lazy<UrlFetcher> fetcher;
    private readonly ManifestColumns columns;
    private readonly Dictionary<string, int> labels;

    public ManifestSource(IManifestTable table, IngestOptions options)
    {
        if (options.ImageColumn is { } image)
            throw new InputException(
                $"ingest.imageColumn is '{image}', and {table.Path} is a table of paths, whose column is named by ingest.pathColumn. Set that instead."
            );
        this.table = table;
        Root = Path.GetDirectoryName(table.Path) ?? table.Path;
        http = options.UrlHttp;
        fetcher = new Lazy<UrlFetcher>(() => new UrlFetcher(UrlLimits.Of(options), TimeProvider.System));
        columns = ManifestColumns.Of(table.Path, table.Head, options);
        ClassNames = CheckAll();
        labels = ClassNames
            .Select((name, index) => (name, index))
            .ToDictionary(pair => pair.name, pair => pair.index, StringComparer.Ordinal);
    }

    public string Root { get; }

    public string Format => table.Format;

    public IReadOnlyList<string> ClassNames { get; }

    public int Concurrency => HasAddresses ? Math.Max(Downloads, Environment.ProcessorCount) : Environment.ProcessorCount;

    public bool HasAddresses { get; private set; }

    public void Dispose()
    {
        if (fetcher.IsValueCreated)
            fetcher.Value.Dispose();
    }

    public IEnumerable<SourceEntry> Entries(Action<long> ignored)
    {
        foreach (var row in table.Rows())
        {
            var uri = Uri(row);
            var name = Label(row);
            if (!labels.TryGetValue(name, out var label))
                throw Wrong(row, $"has the new label '{name}'; the table must not change while it is read. Start the run again.");
            var entry = new SourceEntry(uri, label, name, Split(row), row[columns.Group] ?? "", Extra(row), row.Line);
            yield return IsAddress(uri) ? OfAddress(entry, row[columns.Path] ?? "") : OfFile(entry);
        }
    }

    private SourceEntry OfFile(SourceEntry entry)
    {
        var file = FolderListing.Stat(Path.Combine(Root, entry.Uri), entry.Uri);
        return entry with { Size = file.Size, ModifiedTicks = file.ModifiedTicks, Fault = file.Fault };
    }

    private SourceEntry OfAddress(SourceEntry entry, string address) =>
        entry with
        {
            Fault = UrlFetcher.Fault(address, http) is { } fault ? new Rejected(SourceFault.UrlRefused, $"{fault}.") : null,
            Fetch = stop => fetcher.Value.FetchAsync(entry.Uri, stop),
        };

    private static bool IsAddress(string path) => path.Contains("://", StringComparison.Ordinal);

    private string[] CheckAll()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var lines = new Dictionary<UInt128, int>();
        foreach (var row in table.Rows())
        {
            var uri = Uri(row);
            HasAddresses |= IsAddress(uri);
            _ = Split(row);
            names.Add(Label(row));
            if (row.Names != table.Head.Names)
                columns.Check(table.Path, row);
            ref var line = ref CollectionsMarshal.GetValueRefOrAddDefault(
                lines,
                XxHash128.HashToUInt128(Encoding.UTF8.GetBytes(uri)),
                out var isTwice
            );
            if (isTwice)
                throw Wrong(
                    row,
                    $"has the path '{uri}', which line {line} has too; each image must have one row. Take one of the two out."
                );
            line = row.Line;
        }

        return names.Count > 0
            ? ClassOrder.Order(names)
            : throw new InputException(
                $"{table.Path} has a header and no rows; it must have one row an image. Add rows, or name another file."
            );
    }

    private Dictionary<string, string> Extra(ManifestRow row)
    {
        var extra = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in row.Names.Zip(row.Values))
        {
            if (value is not null && columns.IsExtra(name))
                extra.Add(ManifestColumns.Carried(name), value);
        }

        return extra;
    }

    private string Label(ManifestRow row) =>
        row[columns.Label] is { } name && !string.IsNullOrWhiteSpace(name)
            ? name
            : throw Wrong(row, "has an empty label; it must be a class's name or number. Fill it in, or take the row out.");

    private string Split(ManifestRow row)
    {
        if (columns.Split is null)
            return SplitName.Train;
        var name = row[columns.Split] ?? "";
        return SplitName.Canonical(name)
            ?? throw Wrong(row, $"has the split '{name}'; it must be {SplitName.Wanted}. Correct it, or take the row out.");
    }

    private string Uri(ManifestRow row) =>
        row[columns.Path] is { } address && IsAddress(address)
            ? UrlFetcher.WithoutUser(address.Trim())
            : RelativePath.Clean(row[columns.Path], Root, out var fault) ?? throw Wrong(row, fault);

    private InputException Wrong(ManifestRow row, string what) => new($"{table.Path}, line {row.Line} {what}");
}

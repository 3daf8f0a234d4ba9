using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;

namespace Pipeline.Stages.Ingest;

/// <summary>A table with one row an image, in the order of its rows; a first pass checks every row and collects the classes.</summary>
internal sealed class ManifestSource : ISourceListing
{
    private readonly IManifestTable table;
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
        columns = ManifestColumns.Of(table.Path, table.Head, options);
        ClassNames = CheckAll();
        labels = ClassNames
            .Select((name, index) => (name, index))
            .ToDictionary(pair => pair.name, pair => pair.index, StringComparer.Ordinal);
    }

    public string Root { get; }

    public string Format => table.Format;

    public IReadOnlyList<string> ClassNames { get; }

    public IEnumerable<SourceEntry> Entries(Action<long> ignored)
    {
        foreach (var row in table.Rows())
        {
            var uri = Uri(row);
            var file = FolderListing.Stat(Path.Combine(Root, uri), uri);
            var name = Label(row);
            if (!labels.TryGetValue(name, out var label))
                throw Wrong(row, $"has the new label '{name}'; the table must not change while it is read. Start the run again.");
            yield return new SourceEntry(uri, label, name, Split(row), row[columns.Group] ?? "", Extra(row), row.Line)
            {
                Size = file.Size,
                ModifiedTicks = file.ModifiedTicks,
                Fault = file.Fault,
            };
        }
    }

    private string[] CheckAll()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var lines = new Dictionary<UInt128, int>();
        foreach (var row in table.Rows())
        {
            var uri = Uri(row);
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
                extra.Add(name, value);
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

    private string Uri(ManifestRow row) => RelativePath.Clean(row[columns.Path], Root, out var fault) ?? throw Wrong(row, fault);

    private InputException Wrong(ManifestRow row, string what) => new($"{table.Path}, line {row.Line} {what}");
}

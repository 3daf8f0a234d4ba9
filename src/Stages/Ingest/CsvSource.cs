using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;

namespace Pipeline.Stages.Ingest;

/// <summary>A table with one row an image, in the order of its rows; a first pass checks every row and collects the classes.</summary>
internal sealed class CsvSource : ISourceListing
{
    private readonly string table;
    private readonly char delimiter;
    private readonly CsvColumns columns;
    private readonly Dictionary<string, int> labels;

    public CsvSource(string table, char delimiter, IngestOptions options)
    {
        (this.table, this.delimiter) = (table, delimiter);
        Root = Path.GetDirectoryName(table) ?? table;
        var header =
            CsvTable.Read(table, delimiter).FirstOrDefault().Fields
            ?? throw new InputException($"{table} is empty; it must have a header and one row an image. Name another file.");
        columns = CsvColumns.Of(table, header, options);
        ClassNames = CheckAll();
        labels = ClassNames
            .Select((name, index) => (name, index))
            .ToDictionary(pair => pair.name, pair => pair.index, StringComparer.Ordinal);
    }

    public string Root { get; }

    public string Format => "csv";

    public IReadOnlyList<string> ClassNames { get; }

    public IEnumerable<SourceEntry> Entries(Action<long> ignored)
    {
        foreach (var row in Rows())
        {
            var uri = Uri(row);
            var file = FolderListing.Stat(Path.Combine(Root, uri), uri);
            var name = Label(row);
            if (!labels.TryGetValue(name, out var label))
                throw Wrong(row, $"has the new label '{name}'; the table must not change while it is read. Start the run again.");
            var group = columns.Group < 0 ? "" : row.Fields[columns.Group];
            var extra = columns.Extra.ToDictionary(column => column.Name, column => row.Fields[column.Index], StringComparer.Ordinal);
            yield return new SourceEntry(uri, label, name, Split(row), group, extra, row.Line)
            {
                Size = file.Size,
                ModifiedTicks = file.ModifiedTicks,
                Fault = file.Fault,
            };
        }
    }

    private IEnumerable<CsvLine> Rows() => CsvTable.Read(table, delimiter).Skip(1);

    private string[] CheckAll()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var lines = new Dictionary<UInt128, int>();
        foreach (var row in Rows())
        {
            var uri = Uri(row);
            _ = Split(row);
            names.Add(Label(row));
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
        if (names.Count == 0)
            throw new InputException($"{table} has a header and no rows; it must have one row an image. Add rows, or name another file.");
        return ClassOrder.Order(names);
    }

    private string Label(CsvLine row)
    {
        var name = row.Fields[columns.Label];
        return string.IsNullOrWhiteSpace(name)
            ? throw Wrong(row, "has an empty label; it must be a class's name or number. Fill it in, or take the row out.")
            : name;
    }

    private string Split(CsvLine row) =>
        columns.Split < 0
            ? SplitName.Train
            : SplitName.Canonical(row.Fields[columns.Split])
                ?? throw Wrong(
                    row,
                    $"has the split '{row.Fields[columns.Split]}'; it must be {SplitName.Wanted}. Correct it, or take the row out."
                );

    private string Uri(CsvLine row)
    {
        var path = row.Fields[columns.Path];
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0', StringComparison.Ordinal))
            throw Wrong(
                row,
                "has no path that a file can have; it must be an image's, relative to the table's folder. Fill it in, or take the row out."
            );
        if (Path.IsPathRooted(path) || path.Contains("://", StringComparison.Ordinal) || path is [_, ':', '\\' or '/', ..])
            throw Wrong(
                row,
                $"has the absolute path '{path}'; it must be relative to {Root}. Move the table or the images, and write the path from there."
            );
        var parts = path.Split('/');
        if (parts.Contains(".."))
            throw Wrong(
                row,
                $"has the path '{path}', which leads out by '..'; it must stay within {Root}. Put the table above all images."
            );
        return string.Join('/', parts.Where(part => part is not ("" or ".")));
    }

    private InputException Wrong(CsvLine row, string what) => new($"{table}, line {row.Line} {what}");
}

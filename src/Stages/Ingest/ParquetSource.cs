using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Pipeline.Shards.Foreign;

namespace Pipeline.Stages.Ingest;

/// <summary>Parquet files with an image and a label a row, as Hugging Face's <c>datasets</c> and this program's own export write them.</summary>
/// <remarks>
/// <para>The files are taken by split and name, the rows in their order. The image is bytes, or a struct of bytes and path; a row without bytes
/// names a file beside the Parquet file, whose own changes are seen only by a run that works. Images that lie there uncompressed are ranges of the
/// file; others are fetched by row group. Nested and binary columns beside the image are passed over.</para>
/// <para>The split is what the file's name begins with, else what the column split says, else train; with splitColumn set it is the column.</para>
/// <para>A row group that cannot be decoded is one entry with its fault; a label that is null or out of range, or a missing image, is the row's.</para>
/// </remarks>
internal sealed class ParquetSource : ISourceListing
{
    private readonly ParquetPart[] parts;
    private readonly ParquetImages images = new();
    private readonly Dictionary<string, int> labels;
    private readonly bool isNumbered;

    /// <summary>Opens every file, and reads the labels where the classes must be found out.</summary>
    /// <param name="root">What uris are relative to.</param>
    /// <param name="names">The files, relative to it.</param>
    /// <param name="options">The columns.</param>
    /// <exception cref="InputException">A file is damaged, lacks a column, or differs from the others in its classes.</exception>
    public ParquetSource(string root, IEnumerable<string> names, IngestOptions options)
    {
        Root = root;
        parts =
        [
            .. names
                .OrderBy(name => SplitName.Rank(ParquetPart.SplitOf(name) ?? SplitName.Train))
                .ThenBy(name => name, StringComparer.Ordinal)
                .Select(name => ParquetPart.Open(root, name, options)),
        ];
        var first = parts[0];
        if (Array.Find(parts, part => !Equal(part.ClassNames, first.ClassNames)) is { } other)
            throw new InputException(
                $"{other.File.Path} has {Tell(other.ClassNames)} and {first.File.Path} has {Tell(first.ClassNames)}; all files must have the same. Read them one by one, or write them again."
            );
        isNumbered = first.ClassNames is not null;
        var found = CheckAll();
        ClassNames = first.ClassNames ?? ClassOrder.Order(found);
        if (ClassNames.Count == 0)
            throw new InputException(
                $"The input {root} has no row with a label in its {parts.Length} Parquet files; it must have one row an image. Name another input, or check the files."
            );
        labels = ClassNames
            .Select((name, index) => (name, index))
            .ToDictionary(pair => pair.name, pair => pair.index, StringComparer.Ordinal);
    }

    public string Root { get; }

    public string Format => "parquet";

    public IReadOnlyList<string> ClassNames { get; }

    public IReadOnlyList<ListedFile>? Containers => [.. parts.Select(part => part.Listed)];

    public IEnumerable<SourceEntry> Entries(Action<long> ignored)
    {
        var files = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in parts)
        {
            using var open = Opened(part);
            var first = 0L;
            for (var group = 0; group < part.File.Groups; group++)
            {
                var rows = part.File.Rows(group);
                var (cells, damage) = Read(part, group, first);
                if (damage is not null)
                    yield return damage;
                for (var row = 0; cells is not null && row < rows; row++)
                    yield return Entry(cells, row, files, open);
                first += rows;
            }
        }
    }

    /// <summary>Checks all splits and gives the labels, as far as these columns can be read; what cannot is told by the walk.</summary>
    private HashSet<string> CheckAll()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in parts)
        {
            var first = 0L;
            for (var group = 0; group < part.File.Groups; group++)
            {
                try
                {
                    var splits = ParquetCells.ReadSplits(part, group);
                    for (var row = 0; row < splits?.Length; row++)
                        _ = SplitOf(part, splits[row], first + row);
                    if (!isNumbered)
                        names.UnionWith(
                            part.File.Texts(group, part.Columns.Label).OfType<string>().Where(name => !string.IsNullOrWhiteSpace(name))
                        );
                }
                catch (InvalidDataException)
                {
                    // the walk gives this row group as one entry, with its fault
                }

                first += part.File.Rows(group);
            }
        }

        return names;
    }

    /// <summary>For the readers of ranges; null where it cannot be opened, which each of them finds out for itself.</summary>
    private static SafeFileHandle? Opened(ParquetPart part)
    {
        try
        {
            return File.OpenHandle(part.File.Path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static (ParquetCells? Cells, SourceEntry? Damage) Read(ParquetPart part, int group, long first)
    {
        try
        {
            return part.File.Rows(group) == 0 ? default : (ParquetCells.Read(part, group, first), null);
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            var rows = part.File.Rows(group);
            var fault = new Rejected(
                error is InvalidDataException ? SourceFault.Damaged : SourceFault.Unreadable,
                $"{part.File.Path}, rows {first:N0} to {first + rows - 1:N0} cannot be read: {error.Message.TrimEnd('.')}. "
                    + "They must be a whole row group; all of it is left out. Copy or write the file again."
            );
            return (null, Listed(part, first) with { Fault = fault });
        }
    }

    private SourceEntry Entry(ParquetCells cells, int row, HashSet<string> files, SafeFileHandle? open)
    {
        var part = cells.Part;
        var (label, fault) = Label(cells, row);
        var entry = Listed(part, cells.First + row) with
        {
            Label = label,
            LabelName = label < 0 ? "" : ClassNames[label],
            Split = part.Split ?? SplitOf(part, cells.Splits?[row], cells.First + row),
            Group = cells.Groups?[row] ?? "",
            Extra = cells.Extra(row),
            Fault = fault,
        };
        if (fault is not null)
            return entry;
        if (cells.HasBytes(row))
            return cells.Ranges is { } ranges
                ? entry with
                {
                    Container = part.Name,
                    OpenContainer = open,
                    Offset = ranges[row].Offset,
                    Size = ranges[row].Length,
                }
                : entry with
                {
                    Size = cells.MeanBytes,
                    Fetch = _ => ValueTask.FromResult(images.Get(part, cells.Group, row)),
                };
        return Beside(entry, part, cells.Paths?[row], cells.First + row, files);
    }

    /// <summary>The row's file beside the Parquet file, or why there is none.</summary>
    private SourceEntry Beside(SourceEntry entry, ParquetPart part, string? path, long row, HashSet<string> files)
    {
        var folder = Path.GetDirectoryName(part.Name) ?? "";
        if (path is null)
            return Faulty(SourceFault.NoImage, "has neither bytes nor a path; it must have an image. Take the row out.");
        if (RelativePath.Clean(path, Path.Combine(Root, folder), out var wrong) is not { } clean)
            return Faulty(SourceFault.NoImage, wrong);
        var uri = folder.Length == 0 ? clean : $"{folder}/{clean}";
        if (!files.Add(uri))
            return Faulty(
                SourceFault.Twice,
                $"has the path '{path}', which a row before it has too; each image must have one row. Take one out."
            );
        var file = FolderListing.Stat(Path.Combine(Root, uri), uri);
        return entry with { Uri = uri, Size = file.Size, ModifiedTicks = file.ModifiedTicks, Fault = file.Fault };

        SourceEntry Faulty(string kind, string what) => entry with { Fault = new(kind, $"{part.File.Path}, row {row} {what}") };
    }

    private (int Label, Rejected? Fault) Label(ParquetCells cells, int row)
    {
        var text = cells.Labels[row];
        if (isNumbered)
            return int.TryParse(text, CultureInfo.InvariantCulture, out var label) && label >= 0 && label < ClassNames.Count
                ? (label, null)
                : (-1, Refused($"has the label {text ?? "null"}; it must be between 0 and {ClassNames.Count - 1}, one of the classes"));
        if (string.IsNullOrWhiteSpace(text))
            return (-1, Refused("has no label; it must be a class's name or number"));
        return labels.TryGetValue(text, out var known)
            ? (known, null)
            : throw new InputException(
                $"{cells.Part.File.Path}, row {cells.First + row} has the new label '{text}'; the file must not change while it is read. Start the run again."
            );

        Rejected Refused(string what) =>
            new(SourceFault.NoLabel, $"{cells.Part.File.Path}, row {cells.First + row} {what}. Correct it, or take the row out.");
    }

    private static string SplitOf(ParquetPart part, string? name, long row) =>
        part.Columns.Split is null
            ? SplitName.Train
            : SplitName.Canonical(name ?? "")
                ?? throw new InputException(
                    $"{part.File.Path}, row {row} has the split '{name}'; it must be {SplitName.Wanted}. Correct it, or take the row out."
                );

    private static SourceEntry Listed(ParquetPart part, long row) =>
        new($"{part.Name}/{row:D6}", -1, "", part.Split ?? SplitName.Train, "", ParquetCells.NoExtra, null)
        {
            ModifiedTicks = part.Listed.ModifiedTicks,
        };

    private static bool Equal(string[]? one, string[]? other) =>
        one is null || other is null ? one == other : one.SequenceEqual(other, StringComparer.Ordinal);

    private static string Tell(string[]? names) => names is null ? "no class names" : $"the classes {string.Join(", ", names)}";
}

using Pipeline.Shards.Foreign;

namespace Pipeline.Stages.Ingest;

/// <summary>A row group as it is listed: all wanted columns but the images, and where those lie.</summary>
internal sealed class ParquetCells
{
    private readonly List<(string Name, string?[] Values)> extra = [];
    private bool[]? hasBytes;

    private ParquetCells(ParquetPart part, int group, long first) => (Part, Group, First) = (part, group, first);

    /// <summary>Of a row that has no further columns.</summary>
    public static IReadOnlyDictionary<string, string> NoExtra { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The file.</summary>
    public ParquetPart Part { get; }

    /// <summary>Index of the row group.</summary>
    public int Group { get; }

    /// <summary>Number of its first row within the file.</summary>
    public long First { get; }

    public string?[] Labels { get; private init; } = [];

    /// <summary>Null if the rows do not say.</summary>
    public string?[]? Splits { get; private init; }

    /// <summary>Null if the rows do not say.</summary>
    public string?[]? Groups { get; private init; }

    /// <summary>Null if there is no such column.</summary>
    public string?[]? Paths { get; private init; }

    /// <summary>Where the images lie; null where they must be decoded.</summary>
    public ByteRange[]? Ranges { get; private set; }

    /// <summary>Bytes of an image on average: all that is known before they are decoded.</summary>
    public long MeanBytes { get; private set; }

    /// <summary>Reads the columns.</summary>
    /// <exception cref="InvalidDataException">One cannot be decoded.</exception>
    public static ParquetCells Read(ParquetPart part, int group, long first)
    {
        var (file, columns) = (part.File, part.Columns);
        var cells = new ParquetCells(part, group, first)
        {
            Labels = file.Texts(group, columns.Label),
            Splits = ReadSplits(part, group),
            Groups = columns.Group is { } named ? file.Texts(group, named) : null,
            Paths = columns.Path is { } path ? file.Texts(group, path) : null,
        };
        foreach (var (column, name) in columns.Extra)
            cells.extra.Add((name, file.Texts(group, column)));
        if (columns.Image is { } image)
            cells.Find(file, group, image);
        return cells;
    }

    /// <summary>The column that tells the splits; null if the file's name does, or nothing.</summary>
    public static string?[]? ReadSplits(ParquetPart part, int group) =>
        part.Split is null && part.Columns.Split is { } split ? part.File.Texts(group, split) : null;

    /// <summary>Whether a row has an image of its own, as far as can be told before it is decoded.</summary>
    public bool HasBytes(int row) => Ranges is { } ranges ? ranges[row] != ByteRange.Null : hasBytes?[row] ?? MeanBytes > 0;

    /// <summary>The row's further columns; of its path the last part.</summary>
    public IReadOnlyDictionary<string, string> Extra(int row)
    {
        if (extra.Count == 0 && Paths is null)
            return NoExtra;
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, column) in extra)
        {
            if (column[row] is { } value)
                values.Add(name, value);
        }

        if (HasBytes(row) && Paths?[row] is { Length: > 0 } path)
            values.Add(Part.Columns.PathName, path[(path.LastIndexOf('/') + 1)..]);
        return values;
    }

    /// <summary>Null images are found by their ranges or by the file's count of nulls; only a row group with some of both is decoded for them.</summary>
    private void Find(ForeignParquet file, int group, ForeignColumn image)
    {
        Ranges = file.Ranges(group, image);
        if (Ranges is not null)
            return;
        var nulls = file.Nulls(group, image);
        if (nulls == Labels.Length)
            return;
        MeanBytes = Math.Max(1, file.Size(group, image).Raw / Labels.Length);
        if (nulls != 0)
            hasBytes = Array.ConvertAll(file.Bytes(group, image), bytes => bytes is not null);
    }
}

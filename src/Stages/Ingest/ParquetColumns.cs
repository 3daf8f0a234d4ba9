using Pipeline.Shards.Foreign;

namespace Pipeline.Stages.Ingest;

/// <summary>Which column of a Parquet file is which; null where the file has none.</summary>
/// <param name="Image">The encoded images.</param>
/// <param name="Path">Paths of the images: of files, where a row has no bytes.</param>
/// <param name="Label">The class, or its number.</param>
/// <param name="Split">The split.</param>
/// <param name="Group">The group.</param>
/// <param name="Extra">Further columns, and the names under which ingest carries them; nested and binary ones are passed over.</param>
internal sealed record ParquetColumns(
    ForeignColumn? Image,
    ForeignColumn? Path,
    ForeignColumn Label,
    ForeignColumn? Split,
    ForeignColumn? Group,
    IReadOnlyList<(ForeignColumn Column, string Name)> Extra
)
{
    /// <summary>Name under which the last part of <see cref="Path"/> is carried.</summary>
    public string PathName { get; private init; } = "image_path";

    /// <summary>Finds them in the schema.</summary>
    /// <exception cref="InputException">A column is missing or of a wrong type, or two stand for one thing.</exception>
    public static ParquetColumns Of(ForeignParquet file, IngestOptions options)
    {
        if (options.PathColumn is { } path)
            throw new InputException(
                $"ingest.pathColumn is '{path}', and {file.Path} is a Parquet file, whose images lie in a column; that is named by ingest.imageColumn. Set that instead."
            );
        var names = file.Columns.Select(column => column.Path[0]).Distinct(StringComparer.Ordinal).ToArray();
        var image = ManifestColumns.Needed(file.Path, names, "imageColumn", options.ImageColumn, "image", "img", "image_bytes");
        var label = ManifestColumns.Needed(file.Path, names, "labelColumn", options.LabelColumn, "label", "class");
        var split = ManifestColumns.Find(file.Path, names, "splitColumn", options.SplitColumn, "split");
        var group = ManifestColumns.Find(file.Path, names, "groupColumn", options.GroupColumn, "group", "domain");
        var extra = file
            .Columns.Where(column => column.Path.Count == 1 && IsText(column))
            .Where(column => column.Name != image && column.Name != label && column.Name != split && column.Name != group)
            .Select(column => (column, Free(column.Name)))
            .ToArray();
        var bytes = Find(file, ForeignKind.Binary, image, "bytes") ?? Find(file, ForeignKind.Binary, image);
        var columns = new ParquetColumns(
            bytes,
            Find(file, ForeignKind.Text, image, "path") ?? Find(file, ForeignKind.Text, image),
            Scalar(file, label),
            split is null ? null : Scalar(file, split),
            group is null ? null : Scalar(file, group),
            extra
        )
        {
            PathName = Free($"{image}_path"),
        };
        if (columns is { Image: null, Path: null })
            throw new InputException(
                $"{file.Path} has a column '{image}' that holds no images; it must be binary, or a struct of bytes and path. Say which column it is with imageColumn."
            );
        var twice = extra.Select(column => column.Item2).Append(columns.PathName).GroupBy(name => name, StringComparer.Ordinal);
        return twice.FirstOrDefault(name => name.Count() > 1)?.Key is not { } taken
            ? columns
            : throw new InputException(
                $"{file.Path} has two columns that would be carried as '{taken}'; each must have a name of its own. Rename one, or take it out."
            );
    }

    private static bool IsText(ForeignColumn column) => column.Kind is ForeignKind.Text or ForeignKind.Integer or ForeignKind.Scalar;

    /// <summary>The name itself, or with <c>input_</c> before it where it is that of a column which ingest writes.</summary>
    private static string Free(string name) => ManifestColumns.IsClaimed(name) ? $"input_{name}" : name;

    private static ForeignColumn? Find(ForeignParquet file, ForeignKind kind, params string[] path) =>
        file.Columns.FirstOrDefault(column => column.Kind == kind && column.Path.SequenceEqual(path));

    private static ForeignColumn Scalar(ForeignParquet file, string name) =>
        file.Columns.FirstOrDefault(column => column.Path.Count == 1 && column.Name == name && IsText(column))
        ?? throw new InputException(
            $"{file.Path} has a column '{name}' of bytes, lists or structs; it must be of text or numbers. Name another column, or write it as text."
        );
}

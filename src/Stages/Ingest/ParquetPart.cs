using Pipeline.Shards.Foreign;

namespace Pipeline.Stages.Ingest;

/// <summary>One file of a Parquet data set, opened and checked.</summary>
/// <param name="Name">Its path relative to the source's root.</param>
/// <param name="File">Its metadata.</param>
/// <param name="Columns">Which of its columns is which.</param>
/// <param name="Split">The split that its name says; null if it says none, or the rows say it.</param>
/// <param name="ClassNames">The classes by label; null if the column itself holds them.</param>
/// <param name="Listed">Its size and time.</param>
internal sealed record ParquetPart(
    string Name,
    ForeignParquet File,
    ParquetColumns Columns,
    string? Split,
    string[]? ClassNames,
    ListedFile Listed
)
{
    /// <summary>Opens a file.</summary>
    /// <exception cref="InputException">It is no Parquet file, lacks a column, or has more in a row group than is read.</exception>
    public static ParquetPart Open(string root, string name, IngestOptions options)
    {
        var path = Path.Combine(root, name);
        try
        {
            var listed = FolderListing.Stat(path, name);
            var file = ForeignParquet.Open(path);
            var columns = ParquetColumns.Of(file, options);
            var part = new ParquetPart(
                name,
                file,
                columns,
                options.SplitColumn is null ? SplitOf(name) : null,
                columns.Label.Kind == ForeignKind.Integer ? ClassLabelNames.Of(path, file.KeyValues, columns.Label.Name) : null,
                listed
            );
            for (var group = 0; group < file.Groups; group++)
                part.Check(group);
            return part;
        }
        catch (InvalidDataException error)
        {
            throw new InputException(
                $"{path} cannot be read as Parquet: {error.Message}. It must be a whole Parquet file. Copy or write it again, or take it out.",
                error
            );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"{path} cannot be opened: {error.Message} It must be a readable Parquet file. Check its permissions.",
                error
            );
        }
    }

    /// <summary>The split that a name such as <c>data/train-00000-of-00002.parquet</c> begins with; null if that is none.</summary>
    public static string? SplitOf(string name) => SplitName.Canonical(Path.GetFileName(name).Split('-', '.')[0]);

    private void Check(int group)
    {
        var rows = File.Rows(group);
        if (Columns.Image is not { } image || rows == 0)
            return;
        var (stored, raw) = File.Size(group, image);
        var bytes = Math.Max(stored, raw);
        if (bytes > ForeignParquet.MostColumnBytes && !File.IsPlain(group, image))
            throw new InputException(
                $"{File.Path} has {bytes:N0} bytes of images in row group {group} ({rows:N0} rows), compressed or with a dictionary; such a row group must have at most {ForeignParquet.MostColumnBytes:N0}. "
                    + "Write the file again with smaller row groups, for example pyarrow.parquet.write_table(pyarrow.parquet.read_table(old), new, row_group_size=100), "
                    + "or with the images as they are (compression='none', use_dictionary=False)."
            );
    }
}

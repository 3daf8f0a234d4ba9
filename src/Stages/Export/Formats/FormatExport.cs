using Pipeline.Shards;
using Pipeline.Shards.Stores;

namespace Pipeline.Stages.Export.Formats;

/// <summary>Copies a finished data set into another form. The output folder appears whole or not at all.</summary>
public static class FormatExport
{
    /// <summary>Writes the copy.</summary>
    /// <param name="store">The output directory of the run.</param>
    /// <param name="request">What is wanted.</param>
    /// <param name="stop">Ends the copy; nothing is left behind.</param>
    /// <returns>What each split came to, in the order of the data set's files.</returns>
    /// <exception cref="InvalidDataException">The data set is not there or not whole, a split is unknown, or the output folder is not empty.</exception>
    /// <exception cref="ShardDamagedException">A file of the data set is damaged.</exception>
    public static async Task<IReadOnlyList<FormatResult>> WriteAsync(
        FolderStore store,
        FormatRequest request,
        CancellationToken stop = default
    )
    {
        var output = Path.TrimEndingDirectorySeparator(Path.GetFullPath(request.Output));
        Check(store, output);
        var data = await ExportedDataSet.OpenAsync(store, stop);
        var splits = Chosen(data.Splits, request.Splits);
        var parent = Path.GetDirectoryName(output) ?? output;
        Directory.CreateDirectory(parent);
        var folder = Path.Combine(parent, $".{Path.GetFileName(output)}.partial");
        Remove(folder); // what a killed process left
        Directory.CreateDirectory(folder);
        try
        {
            var results = await Writer(request).WriteAsync(data, splits, folder, stop);
            if (Directory.Exists(output))
                Directory.Delete(output); // empty, or this fails and nothing is lost
            Directory.Move(folder, output);
            return results;
        }
        finally
        {
            Remove(folder);
        }
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    private static IFormatWriter Writer(FormatRequest request) =>
        request.Format switch
        {
            ExportFormat.WebDataset => new WebDatasetWriter(request.ShardBytes),
            ExportFormat.ImageFolder => new ImageFolderWriter(),
            ExportFormat.CocoCaptions => new CocoCaptionsWriter(),
            _ => throw new ArgumentOutOfRangeException(
                nameof(request),
                request.Format,
                "The format is unknown; it must be one of ExportFormat."
            ),
        };

    private static void Check(FolderStore store, string output)
    {
        if (File.Exists(output))
            throw new InvalidDataException($"The output {output} is a file; it must be a folder that is missing or empty. Name another.");
        if (Directory.Exists(output) && Directory.EnumerateFileSystemEntries(output).Any())
            throw new InvalidDataException(
                $"The output {output} is not empty; it must be a folder that is missing or empty. Name another."
            );
        if (output == store.Root || output.StartsWith(store.Root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new InvalidDataException(
                $"The output {output} lies in the run's own directory; it must lie outside, or the run would find itself changed. Name another."
            );
    }

    private static List<string> Chosen(IReadOnlyList<string> splits, IReadOnlyList<string> wanted) =>
        wanted.FirstOrDefault(split => !splits.Contains(split)) is { } unknown
            ? throw new InvalidDataException(
                $"The split '{unknown}' is not in the data set; it must be one of {string.Join(", ", splits)}. Name one of these."
            )
            : [.. splits.Where(split => wanted.Count == 0 || wanted.Contains(split))];
}

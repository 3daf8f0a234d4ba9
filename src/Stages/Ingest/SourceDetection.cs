using Pipeline.Stages.Ingest.Tar;

namespace Pipeline.Stages.Ingest;

/// <summary>Finds out by names alone how an input is laid out, and opens it so.</summary>
internal static class SourceDetection
{
    /// <summary>What can be opened: by its setting, by its file's extensions, and by what a folder directly holds.</summary>
    private static readonly Layout[] Layouts =
    [
        new(SourceFormat.Csv, "a .csv or .tsv table, or a folder with metadata.csv", [".csv", ".tsv"], IsCsv, OpenCsv),
        new(
            SourceFormat.Jsonl,
            "a .jsonl or .ndjson table, or a folder with metadata.jsonl",
            [".jsonl", ".ndjson"],
            name => name == "metadata.jsonl",
            (_, files, options) => new ManifestSource(new JsonLinesTable(files[0]), options)
        ),
        new(
            SourceFormat.WebDataset,
            "a .tar, .tar.gz or .tgz of WebDataset, several by {first..last}, or a folder with such",
            TarNames.Extensions,
            TarNames.IsTar,
            (path, files, options) => new WebDatasetSource(path, files, options)
        ),
    ];

    /// <summary>Opens what lies at a path.</summary>
    /// <exception cref="InputException">It is not there, is of no known layout, of several, or not of the one that is set.</exception>
    public static ISourceListing Open(string path, IngestOptions options)
    {
        if (Directory.Exists(path))
            return OpenFolder(path, options);
        var layout = Array.Find(
            Layouts,
            one => one.Extensions.Any(extension => path.EndsWith(extension, StringComparison.OrdinalIgnoreCase))
        );
        if (options.Format == SourceFormat.ImageFolder && File.Exists(path))
            throw new InputException(
                $"The input {path} is a file; with format imagefolder it must be a folder. Name the folder, or set another format."
            );
        if (layout is null)
            throw new InputException(
                File.Exists(path)
                    ? $"The input {path} is a file with the extension '{Path.GetExtension(path).ToLowerInvariant()}'; it must be {Wanted}. Name one of these."
                    : $"The input {path} is not there; it must be {Wanted}. Check the path."
            );
        return options.Format == SourceFormat.Auto || options.Format == layout.Format
            ? layout.Open(path, [path], options)
            : throw Not(path, layout, options.Format);
    }

    private static string Wanted => $"a folder of images, {string.Join(", or ", Layouts.Select(layout => layout.Wanted))}";

    private static ISourceListing OpenFolder(string folder, IngestOptions options)
    {
        if (options.Format == SourceFormat.ImageFolder)
            return new ImageFolderSource(folder);
        var names = options.Format == SourceFormat.Auto ? TarNames.WithoutCompanions(Names(folder)) : Names(folder);
        var found = Layouts
            .Select(layout => (Layout: layout, Files: names.Where(layout.IsOne).Select(name => Path.Combine(folder, name)).ToList()))
            .Where(one => one.Files.Count > 0)
            .ToList();
        if (options.Format != SourceFormat.Auto)
        {
            var set = found.Find(one => one.Layout.Format == options.Format);
            return set.Layout?.Open(folder, set.Files, options)
                ?? throw new InputException(
                    $"The input {folder} has no file of the format {Word(options.Format)} directly inside; it must be "
                        + $"{Layouts.First(layout => layout.Format == options.Format).Wanted}. Name another, or set another format."
                );
        }

        return found switch
        {
            [] => new ImageFolderSource(folder),
            [var one] => one.Layout.Open(folder, one.Files, options),
            _ => throw new InputException(
                $"The input {folder} holds files of several formats: "
                    + string.Join(
                        ", ",
                        found.Select(one => $"{Word(one.Layout.Format)} ({one.Files.Count:N0}, such as {Path.GetFileName(one.Files[0])})")
                    )
                    + $". Say which is meant, for example --set ingest.format={Word(found[0].Layout.Format)}, or name the file itself."
            ),
        };
    }

    /// <summary>Names of the files directly inside, in ordinal order, hidden ones left out.</summary>
    private static List<string> Names(string folder)
    {
        try
        {
            return
            [
                .. Directory
                    .EnumerateFiles(folder)
                    .Select(path => Path.GetFileName(path))
                    .Where(name => !name.StartsWith('.'))
                    .Order(StringComparer.Ordinal),
            ];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"{folder} cannot be listed: {error.Message} It must be a readable folder. Check its permissions and the disk.",
                error
            );
        }
    }

    private static string Word(SourceFormat format) => format.ToString().ToLowerInvariant();

    private static InputException Not(string path, Layout layout, SourceFormat wanted) =>
        new(
            $"The input {path} is {layout.Wanted}; with format {Word(wanted)} it cannot be read. Leave the format out, or name another input."
        );

    private static bool IsCsv(string name) => name == "metadata.csv";

    private static ManifestSource OpenCsv(string path, IReadOnlyList<string> files, IngestOptions options) =>
        new(new CsvTable(files[0], files[0].EndsWith(".tsv", StringComparison.OrdinalIgnoreCase) ? '\t' : ','), options);

    /// <summary>One layout.</summary>
    /// <param name="Format">Its setting.</param>
    /// <param name="Wanted">For people.</param>
    /// <param name="Extensions">Of an input that is a file.</param>
    /// <param name="IsOne">Whether a name directly in a folder makes the folder one of this layout.</param>
    /// <param name="Open">Given the input (a folder or a file) and the files of this layout in it.</param>
    private sealed record Layout(
        SourceFormat Format,
        string Wanted,
        string[] Extensions,
        Func<string, bool> IsOne,
        Func<string, IReadOnlyList<string>, IngestOptions, ISourceListing> Open
    );
}

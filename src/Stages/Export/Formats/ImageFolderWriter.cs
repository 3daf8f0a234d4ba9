using System.Globalization;
using System.Text;

namespace Pipeline.Stages.Export.Formats;

/// <summary>
/// <c>{split}/{class}/{id}.jpg</c> (or its format's extension) and <c>metadata.csv</c>: the path as <c>file_name</c>, class, split and group, and every
/// other column, so that ingest and the imagefolder of <c>datasets</c> read it.
/// </summary>
internal sealed class ImageFolderWriter : IFormatWriter
{
    // What ingest takes for path, class, split or group, or writes itself; and what tells stages that rows are edits.
    private static readonly string[] Taken = ["path", "file", "file_name", "class", "domain", "variant_id", .. ExportSchema.IngestOwn];

    private static readonly string[] Own = ["label_name", "split", "group"];

    public async Task<IReadOnlyList<FormatResult>> WriteAsync(
        ExportedDataSet data,
        IReadOnlyList<string> splits,
        string folder,
        CancellationToken stop
    )
    {
        await using var table = new StreamWriter(
            Path.Combine(folder, "metadata.csv"),
            new UTF8Encoding(false),
            new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write }
        )
        {
            NewLine = "\n",
        };
        var (results, folders) = (new List<FormatResult>(), new Dictionary<(string, string), string>());
        var header = false;
        foreach (var split in splits)
        {
            var rows = 0;
            await foreach (var row in data.RowsAsync(split, stop))
            {
                if (!header)
                    await table.WriteLineAsync(Line(["file_name", "label", "split", "group", .. Names(row)]).AsMemory(), stop);
                header = true;
                var path = $"{FolderOf(row, folders, folder)}/{row.FileName}";
                await File.WriteAllBytesAsync(Path.Combine(folder, path), row.Image, stop);
                var group = row.Cells.FirstOrDefault(cell => cell.Name == "group").Value;
                await table.WriteLineAsync(
                    Line([path, row.LabelName, split, Text(group), .. Others(row).Select(cell => Text(cell.Value))]).AsMemory(),
                    stop
                );
                rows++;
            }

            results.Add(new FormatResult(split, rows, rows));
        }

        return results;
    }

    private static string FolderOf(ExportedRow row, Dictionary<(string, string), string> folders, string root)
    {
        if (folders.TryGetValue((row.Split, row.LabelName), out var known))
            return known;
        var name = $"{SafeName.Of(row.Split)}/{SafeName.Of(row.LabelName)}";
        while (folders.ContainsValue(name))
            name += "_";
        Directory.CreateDirectory(Path.Combine(root, name));
        return folders[(row.Split, row.LabelName)] = name;
    }

    private static IEnumerable<(string Name, object? Value)> Others(ExportedRow row) => row.Cells.Where(cell => !Own.Contains(cell.Name));

    private static List<string> Names(ExportedRow row)
    {
        var names = new List<string>();
        foreach (var (name, _) in Others(row))
        {
            var free = name.Replace('.', '_'); // a dot would make a struct of it once it is ingested
            while (Taken.Contains(free) || names.Contains(free))
                free = "exported_" + free;
            names.Add(free);
        }

        return names;
    }

    private static string Text(object? value) =>
        value switch
        {
            null => "",
            string text => text,
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            bool truth => truth ? "true" : "false",
            _ => ExportedRow.Json(value)?.ToJsonString() ?? "",
        };

    private static string Line(IEnumerable<string> fields) =>
        string.Join(
            ',',
            fields.Select(field =>
                field.AsSpan().IndexOfAny(",\"\r\n") < 0 ? field : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            )
        );
}

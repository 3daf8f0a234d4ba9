using System.Formats.Tar;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Pipeline.Stages.Export.Formats;

/// <summary>
/// <c>{split}-{index:D6}.tar</c>: of each image the files <c>key.jpg</c> (or its format's extension), <c>key.cls</c> (the class as a number), <c>key.json</c>
/// (all columns) and, where there is one, <c>key.txt</c> (the caption), one after the other.
/// </summary>
/// <param name="shardBytes">Bytes of content after which a file ends.</param>
internal sealed class WebDatasetWriter(long shardBytes) : IFormatWriter
{
    private const UnixFileMode ReadableByAll =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    public async Task<IReadOnlyList<FormatResult>> WriteAsync(
        ExportedDataSet data,
        IReadOnlyList<string> splits,
        string folder,
        CancellationToken stop
    )
    {
        var names = SafeName.OfEach(splits);
        var results = new List<FormatResult>();
        foreach (var split in splits)
        {
            var (rows, files, bytes) = (0L, 0, 0L);
            TarWriter? tar = null;
            try
            {
                await foreach (var row in data.RowsAsync(split, stop))
                {
                    tar ??= Open(Path.Combine(folder, $"{names[split]}-{files++:D6}.tar"));
                    foreach (var (extension, content) in Parts(row))
                    {
                        await WriteAsync(tar, row.Id + extension, content, stop);
                        bytes += content.Length;
                    }

                    rows++;
                    if (bytes < shardBytes)
                        continue;
                    await tar.DisposeAsync();
                    (tar, bytes) = (null, 0);
                }
            }
            finally
            {
                if (tar is not null)
                    await tar.DisposeAsync();
            }

            results.Add(new FormatResult(split, rows, files));
        }

        return results;
    }

    private static TarWriter Open(string path) => new(File.Create(path), TarEntryFormat.Ustar, leaveOpen: false);

    private static IEnumerable<(string Extension, byte[] Content)> Parts(ExportedRow row)
    {
        yield return (Path.GetExtension(row.FileName), row.Image);
        yield return (".cls", Encoding.ASCII.GetBytes(row.Label.ToString(CultureInfo.InvariantCulture)));
        yield return (".json", Encoding.UTF8.GetBytes(Metadata(row).ToJsonString()));
        if (row.Caption is not null)
            yield return (".txt", Encoding.UTF8.GetBytes(row.Caption));
    }

    private static JsonObject Metadata(ExportedRow row)
    {
        var metadata = new JsonObject { ["label"] = row.Label };
        foreach (var (name, value) in row.Cells)
            metadata[name] = ExportedRow.Json(value);
        return metadata;
    }

    /// <summary>Writes an entry whose header says nothing of when, where and by whom.</summary>
    private static async Task WriteAsync(TarWriter tar, string name, byte[] content, CancellationToken stop)
    {
        using var data = new MemoryStream(content, writable: false);
        await tar.WriteEntryAsync(
            new UstarTarEntry(TarEntryType.RegularFile, name)
            {
                DataStream = data,
                ModificationTime = DateTimeOffset.UnixEpoch,
                Mode = ReadableByAll,
                Uid = 0,
                Gid = 0,
                UserName = "",
                GroupName = "",
            },
            stop
        );
    }
}

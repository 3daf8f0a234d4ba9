using Pipeline.Models.Images;
using Pipeline.Shards;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Export;

namespace Pipeline.Stages.Tests.Export.Formats;

/// <summary>
/// A run's finished data set: four training originals, one of validation and one of a test split, as PNG and JPEG; two edits, one of them drawn
/// twice; a class whose name is no folder's.
/// </summary>
internal sealed class FinishedRun : IDisposable
{
    public static readonly string[] ClassNames = ["a \"quoted\", bird", "stone/grey"];

    private static readonly string[] Splits = ["train", "train", "train", "train", "validation", "test_far away"];
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pipeline-formats-");

    public FolderStore Store => new(PathOf("run"));

    /// <summary>What the data set holds: id, class, text and image.</summary>
    public List<(string Id, string Split, int Label, string? Text, byte[] Image)> Rows { get; } = [];

    public string PathOf(string name) => Path.Combine(folder.FullName, name);

    /// <summary>Exports the data set as the stage does.</summary>
    public async Task<FinishedRun> ExportAsync(ExportOptions? options = null)
    {
        var shards = new MemoryRun();
        AddOriginals(shards);
        AddEdits(shards);
        var request = new ExportRequest
        {
            Shards = shards,
            InputRoot = folder.FullName,
            ClassNames = ClassNames,
            Editing = ["edit"],
            Describing = ["caption", "embed"],
            Selected = [new ExportEdit(Id('e', 0), 0), new ExportEdit(Id('e', 0), 0), new ExportEdit(Id('e', 1), 0)],
            Footer = new ShardFooter
            {
                Stage = "export",
                Batch = 0,
                Fingerprint = "ab",
            },
        };
        await DataSetExporter.WriteAsync(
            request,
            options ?? new ExportOptions { ShardBytes = 500, RowGroupBytes = 300 },
            Store,
            TestContext.Current.CancellationToken
        );
        return this;
    }

    public void Dispose() => folder.Delete(recursive: true);

    private static string Id(char first, int row) => $"{first}{row:x31}";

    private static byte[] Picture(int shade, bool png)
    {
        var image = new RgbImage(10, 6, [.. Enumerable.Range(0, 10 * 6 * 3).Select(at => (byte)(shade + at))]);
        return png ? PngEncoder.Encode(image) : JpegEncoder.Encode(image, 95);
    }

    private void AddOriginals(MemoryRun shards)
    {
        int[] rows = [.. Enumerable.Range(0, Splits.Length)];
        string[] ids = [.. rows.Select(row => Id('0', row))];
        byte[][] images = [.. rows.Select(row => Picture(row * 20, row % 2 == 0))];
        shards.Add(
            "ingest",
            0,
            ShardColumn.Of("sample_id", ids),
            ShardColumn.Of("uri", rows.Select(row => $"in/{row}").ToArray()),
            ShardColumn.Of("offset", rows.Select(_ => 0L).ToArray()),
            ShardColumn.Of("length", images.Select(image => image.LongLength).ToArray()),
            ShardColumn.OfNullable("image", images.ToArray<byte[]?>()),
            ShardColumn.Of("label", rows.Select(row => row % 2).ToArray()),
            ShardColumn.Of("label_name", rows.Select(row => ClassNames[row % 2]).ToArray()),
            ShardColumn.Of("split", Splits),
            ShardColumn.Of("group", rows.Select(row => $"g{row % 3}").ToArray()),
            ShardColumn.OfNullable("caption", rows.Select(row => row == 1 ? "of the input\nin two lines" : null).ToArray()),
            ShardColumn.OfNullable("domain", rows.Select(row => $"d{row}").ToArray<string?>())
        );
        shards.Add(
            "caption",
            0,
            ShardColumn.Of("sample_id", ids.Where((_, row) => row is not (1 or 2)).ToArray()),
            ShardColumn.Of("caption", rows.Where(row => row is not (1 or 2)).Select(row => $"a picture, of {row}").ToArray())
        );
        shards.Add(
            "embed",
            0,
            ShardColumn.Of("sample_id", ids),
            ShardColumn.OfNullable("vector", rows.Select(row => row == 0 ? null : new[] { row, float.NaN }).ToArray())
        );
        foreach (var row in rows)
            Rows.Add(
                (
                    ids[row],
                    Splits[row],
                    row % 2,
                    row switch
                    {
                        1 => "of the input\nin two lines",
                        2 => null,
                        _ => $"a picture, of {row}",
                    },
                    images[row]
                )
            );
    }

    private void AddEdits(MemoryRun shards)
    {
        byte[][] images = [Picture(7, png: false), Picture(99, png: true)];
        shards.Add(
            "edit",
            0,
            ShardColumn.Of("sample_id", new[] { Id('0', 0), Id('0', 1) }),
            ShardColumn.Of("variant_id", new[] { Id('e', 0), Id('e', 1) }),
            ShardColumn.Of("prompt", new[] { "in snow", "at night" }),
            ShardColumn.Of("image", images)
        );
        Rows.Add((Id('e', 0), "train", 0, "in snow", images[0]));
        Rows.Add((Id('e', 0) + "-2", "train", 0, "in snow", images[0]));
        Rows.Add((Id('e', 1), "train", 1, "at night", images[1]));
    }
}

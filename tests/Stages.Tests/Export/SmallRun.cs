using Pipeline.Shards;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Export;

namespace Pipeline.Stages.Tests.Export;

/// <summary>
/// Two batches: three training samples, one of validation and one of test in each; an edit of each training sample. Originals are files of
/// 100 bytes in batch 0 and embedded in batch 1.
/// </summary>
internal sealed class SmallRun : IDisposable
{
    private static readonly string[] Splits = ["train", "train", "validation", "train", "test_a"];
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pipeline-export-");

    public SmallRun()
    {
        Store = new FolderStore(Path.Combine(folder.FullName, "out"));
        Directory.CreateDirectory(Path.Combine(Input, "pictures"));
        AddBatch(0, embed: false);
        AddBatch(1, embed: true);
    }

    public MemoryRun Shards { get; } = new();

    public FolderStore Store { get; }

    public string Input => Path.Combine(folder.FullName, "in");

    public ExportRequest Request =>
        new()
        {
            Shards = Shards,
            InputRoot = Input,
            ClassNames = ["land \"bird\"", "water"],
            Editing = ["edit"],
            Describing = ["caption", "filter"],
            Selected = [new ExportEdit(Variant(1, 0), 1), new ExportEdit(Variant(0, 3), 0), new ExportEdit(Variant(0, 0), 0)],
            Footer = new ShardFooter
            {
                Stage = "export",
                Batch = 0,
                Fingerprint = "ab",
                Seed = 7,
            },
        };

    public static string Sample(int batch, int row) => $"{(batch * 10) + row:x32}";

    public static string Variant(int batch, int row) => $"{1000 - (batch * 10) - row:x32}";

    public static byte[] Original(int batch, int row) => [.. Enumerable.Repeat((byte)((batch * 10) + row + 1), 100)];

    public static byte[] Edited(int batch, int row) => [0x89, (byte)'P', (byte)batch, (byte)row];

    public string PathOf(string uri) => Path.Combine(Store.Root, uri);

    public void Dispose() => folder.Delete(recursive: true);

    private void AddBatch(int batch, bool embed)
    {
        int[] rows = [0, 1, 2, 3, 4];
        int[] trained = [0, 1, 3];
        string[] ids = [.. rows.Select(row => Sample(batch, row))];
        string[] uris = [.. rows.Select(row => $"pictures/{batch}-{row}.jpg")];
        foreach (var row in embed ? [] : rows)
            File.WriteAllBytes(Path.Combine(Input, uris[row]), [9, 9, 9, .. Original(batch, row), 8]);
        Shards.Add(
            "ingest",
            batch,
            ShardColumn.Of("sample_id", ids),
            ShardColumn.Of("uri", uris),
            ShardColumn.Of("offset", rows.Select(_ => 3L).ToArray()),
            ShardColumn.Of("length", rows.Select(_ => 100L).ToArray()),
            ShardColumn.OfNullable("image", rows.Select(row => embed ? Original(batch, row) : null).ToArray()),
            ShardColumn.Of("width", rows),
            ShardColumn.Of("height", rows),
            ShardColumn.Of("label", rows.Select(row => row % 2).ToArray()),
            ShardColumn.Of("label_name", rows.Select(row => row % 2 == 0 ? "land \"bird\"" : "water").ToArray()),
            ShardColumn.Of("split", Splits),
            ShardColumn.OfNullable("group", rows.Select(row => row == 0 ? null : "g").ToArray()),
            ShardColumn.OfNullable($"camera_{batch}", rows.Select(row => row == 1 ? $"c{batch}" : null).ToArray())
        );
        Shards.Add(
            "caption",
            batch,
            ShardColumn.Of("sample_id", ids),
            ShardColumn.Of("caption", ids.Select(id => $"a bird {id[^1]}").ToArray())
        );
        string[] sources = [.. trained.Select(row => Sample(batch, row))];
        string[] variants = [.. trained.Select(row => Variant(batch, row))];
        Shards.Add(
            "edit",
            batch,
            ShardColumn.Of("sample_id", sources),
            ShardColumn.Of("variant_id", variants),
            ShardColumn.Of("prompt", trained.Select(row => $"in snow {row}").ToArray()),
            ShardColumn.Of("prompt_index", trained),
            ShardColumn.Of("strength", trained.Select(_ => 0.5).ToArray()),
            ShardColumn.Of("image", trained.Select(row => Edited(batch, row)).ToArray())
        );
        Shards.Add(
            "filter",
            batch,
            ShardColumn.Of("sample_id", sources),
            ShardColumn.Of("variant_id", variants),
            ShardColumn.Of("verdict", trained.Select(_ => "keep").ToArray()),
            ShardColumn.Of("confidence", trained.Select(row => row / 4f).ToArray())
        );
    }
}

using ParquetSharp;

namespace Pipeline.Benchmarks.Shards;

/// <summary>The same shard through ParquetSharp: zstd, images uncompressed and without dictionary, as ours.</summary>
internal static class ParquetSharpShard
{
    public static void Write(string path, string[] ids, int[] labels, byte[][] images)
    {
        using var builder = new WriterPropertiesBuilder();
        using var properties = builder
            .Compression(Compression.Zstd)
            .Compression("image", Compression.Uncompressed)
            .DisableDictionary("image")
            .DisableDictionary("sample_id")
            .Build();
        Column[] columns = [new Column<string>("sample_id"), new Column<int>("label"), new Column<byte[]>("image")];
        using var writer = new ParquetFileWriter(path, columns, null, properties);
        using var group = writer.AppendRowGroup();
        using (var column = group.NextColumn().LogicalWriter<string>())
            column.WriteBatch(ids);
        using (var column = group.NextColumn().LogicalWriter<int>())
            column.WriteBatch(labels);
        using (var column = group.NextColumn().LogicalWriter<byte[]>())
            column.WriteBatch(images);
        writer.Close();
    }

    public static void Read(string path)
    {
        using var reader = new ParquetFileReader(path);
        using var group = reader.RowGroup(0);
        var rows = (int)group.MetaData.NumRows;
        using (var column = group.Column(0).LogicalReader<string>())
            column.ReadAll(rows);
        using (var column = group.Column(1).LogicalReader<int>())
            column.ReadAll(rows);
        using (var column = group.Column(2).LogicalReader<byte[]>())
            column.ReadAll(rows);
    }
}

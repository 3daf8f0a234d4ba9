using ParquetSharp;

namespace Pipeline.Shards.Tests;

public sealed class InteropTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Apache_s_reader_reads_a_shard()
    {
        var rows = 300;
        var ids = Enumerable.Range(0, rows).Select(row => $"{row:x32}").ToArray();
        var classes = ids.Select((_, row) => $"class {row % 3}").ToArray();
        var scores = ids.Select((_, row) => row % 5 == 0 ? (float?)null : row / 3f).ToArray();
        var images = ids.Select((_, row) => Enumerable.Repeat((byte)row, row).ToArray()).ToArray();
        var embeddings = ids.Select((_, row) => row % 2 == 0 ? [] : new[] { row, 0.5f }).ToArray();
        var table = new ShardTable(
            ShardColumn.Of("id", ids),
            ShardColumn.Of("class", classes),
            ShardColumn.Of("score", scores),
            ShardColumn.Of("image", images),
            ShardColumn.Of("embedding", embeddings)
        );

        await ShardFile.WriteAsync(folder.Store, "a.parquet", table, Footers.Caption, rowGroupBytes: 1 << 20);

        using var reader = new ParquetFileReader(Path.Combine(folder.Path, "a.parquet"));
        using var group = reader.RowGroup(0);
        reader.FileMetaData.KeyValueMetadata["pipeline.stage"].Should().Be("caption");
        group.Column(0).LogicalReader<string>().ReadAll(rows).Should().Equal(ids);
        group.Column(1).LogicalReader<string>().ReadAll(rows).Should().Equal(classes);
        group.Column(2).LogicalReader<float?>().ReadAll(rows).Should().Equal(scores);
        group.Column(3).LogicalReader<byte[]>().ReadAll(rows).Should().BeEquivalentTo(images, options => options.WithStrictOrdering());
        group.Column(4).LogicalReader<float[]>().ReadAll(rows).Should().BeEquivalentTo(embeddings, options => options.WithStrictOrdering());
    }

    [Fact]
    public async Task Names_with_a_dot_are_fields_of_a_struct()
    {
        var table = new ShardTable(ShardColumn.Of("image.bytes", new byte[][] { [1] }), ShardColumn.Of("image.path", new[] { "a.png" }));

        await ShardFile.WriteAsync(folder.Store, "a.parquet", table, Footers.Caption);

        using var reader = new ParquetFileReader(Path.Combine(folder.Path, "a.parquet"));
        reader.FileMetaData.Schema.GroupNode.Fields.Select(field => field.Name).Should().Equal("image");
        reader.FileMetaData.Schema.Column(1).Path.ToDotString().Should().Be("image.path");
    }

    [Fact]
    public async Task Text_is_compressed_with_statistics_and_images_are_not()
    {
        var rows = 300;
        var table = new ShardTable(
            ShardColumn.Of("few", Enumerable.Range(0, rows).Select(row => $"class {row % 3}").ToArray()),
            ShardColumn.Of("text", Enumerable.Range(0, rows).Select(row => $"an image of number {row:D4}").ToArray()),
            ShardColumn.Of("small", Enumerable.Range(0, rows).ToArray()),
            ShardColumn.Of("image", Enumerable.Range(0, rows).Select(_ => new byte[100]).ToArray())
        );

        await ShardFile.WriteAsync(folder.Store, "a.parquet", table, Footers.Caption);

        using var reader = new ParquetFileReader(Path.Combine(folder.Path, "a.parquet"));
        using var group = reader.RowGroup(0);
        var chunks = Enumerable.Range(0, 4).Select(group.MetaData.GetColumnChunkMetaData).ToArray();
        chunks
            .Select(chunk => chunk.Compression)
            .Should()
            .Equal(Compression.Zstd, Compression.Zstd, Compression.Uncompressed, Compression.Uncompressed);
        chunks[0].Encodings.Should().Contain(ParquetSharp.Encoding.PlainDictionary);
        chunks[1].Encodings.Should().NotContain(ParquetSharp.Encoding.PlainDictionary);
        (chunks[2].Statistics as Statistics<int>)!.Max.Should().Be(rows - 1);
    }
}

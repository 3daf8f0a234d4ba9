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

    [Fact]
    public async Task Shard_that_another_writer_encodes_in_its_own_way_is_one_of_ours()
    {
        var rows = 300;
        var ids = Enumerable.Range(0, rows).Select(row => $"{row:x32}").ToArray();
        var classes = ids.Select((_, row) => $"class {row % 3}").ToArray();
        var scores = ids.Select((_, row) => row % 5 == 0 ? (float?)null : row / 3f).ToArray();
        var counts = Enumerable.Range(0, rows).ToArray();
        var table = new ShardTable(
            ShardColumn.Of("id", ids),
            ShardColumn.Of("class", classes),
            ShardColumn.Of("score", scores),
            ShardColumn.Of("count", counts)
        );
        await ShardFile.WriteAsync(folder.Store, "a.parquet", table, Footers.Caption);
        using var ours = new ParquetFileReader(Path.Combine(folder.Path, "a.parquet"));
        Column[] columns = [new Column<string>("id"), new Column<string>("class"), new Column<float?>("score"), new Column<int?>("count")];

        using (
            var writer = new ParquetFileWriter(
                Path.Combine(folder.Path, "b.parquet"),
                columns,
                Compression.Snappy,
                ours.FileMetaData.KeyValueMetadata
            )
        )
        {
            foreach (var part in Enumerable.Range(0, rows).Chunk(120))
            {
                using var group = writer.AppendRowGroup();
                Write(group, part, ids);
                Write(group, part, classes);
                Write(group, part, scores);
                Write(group, part, [.. counts.Select(count => (int?)count)]);
            }

            writer.Close();
        }

        var read = await ShardFile.ReadAsync(folder.Store, "b.parquet");
        TableText.Of(read).Should().Equal(TableText.Of(table));
        (await ShardFile.ReadFooterAsync(folder.Store, "b.parquet"))!.Content.Should().Be(ShardFile.HashOf(table));

        static void Write<T>(RowGroupWriter group, int[] part, T[] values)
        {
            using var column = group.NextColumn().LogicalWriter<T>();
            column.WriteBatch([.. part.Select(row => values[row])]);
        }
    }

    [Fact]
    public async Task Lists_whose_elements_another_writer_declares_as_optional_are_read()
    {
        var table = new ShardTable(
            ShardColumn.OfNullable("embedding", new float[]?[] { [1, 2.5f], null, [], [3] }),
            ShardColumn.Of("tags", new string[][] { ["a"], [], ["b", ""], ["c"] })
        );
        await WriteListsAsync(
            table,
            [
                [1, 2.5f],
                null,
                [],
                [3f],
            ],
            [
                ["a"],
                [],
                ["b", ""],
                ["c"],
            ]
        );

        var read = await ShardFile.ReadAsync(folder.Store, "b.parquet");

        TableText.Of(read).Should().Equal(TableText.Of(table));
    }

    [Fact]
    public async Task Halves_are_read_by_Apache_s_reader_as_the_singles_that_they_are()
    {
        var cells = Enumerable
            .Range(0, 300)
            .Select(row => row % 7 == 0 ? [] : new[] { (Half)(row / 300f), (Half)(-1f / (row + 1)), Half.Epsilon })
            .ToArray();

        await ShardFile.WriteAsync(folder.Store, "a.parquet", new ShardTable(ShardColumn.Of("embedding", cells)), Footers.Caption);

        using var reader = new ParquetFileReader(Path.Combine(folder.Path, "a.parquet"));
        using var group = reader.RowGroup(0);
        group
            .Column(0)
            .LogicalReader<float[]>()
            .ReadAll(cells.Length)
            .Should()
            .BeEquivalentTo(cells.Select(cell => cell.Select(value => (float)value)), options => options.WithStrictOrdering());
        group.MetaData.GetColumnChunkMetaData(0).Encodings.Should().Contain(ParquetSharp.Encoding.ByteStreamSplit);
    }

    [Fact]
    public async Task A_single_in_a_list_of_halves_that_is_no_half_is_damage()
    {
        var table = new ShardTable(
            ShardColumn.OfNullable("embedding", new Half[]?[] { [(Half)1, (Half)0.1f] }),
            ShardColumn.Of("tags", new string[][] { [] })
        );
        await WriteListsAsync(
            table,
            [
                [1, 0.1f],
            ],
            [
                [],
            ]
        );

        var read = () => ShardFile.ReadAsync(folder.Store, "b.parquet");

        (await read.Should().ThrowAsync<ShardDamagedException>()).WithMessage("*a list of halves holds 0.1, which is no half*");
    }

    [Fact]
    public async Task Null_within_a_list_is_damage()
    {
        var table = new ShardTable(
            ShardColumn.OfNullable("embedding", new float[]?[] { [1, 0] }),
            ShardColumn.Of("tags", new string[][] { [] })
        );
        await WriteListsAsync(
            table,
            [
                [1, null],
            ],
            [
                [],
            ]
        );

        var read = () => ShardFile.ReadAsync(folder.Store, "b.parquet");

        (await read.Should().ThrowAsync<ShardDamagedException>()).WithMessage("*'embedding' has a null element in the list of row 0*");
    }

    /// <summary>Writes lists of elements that may be null, under the footer of <paramref name="table"/>.</summary>
    private async Task WriteListsAsync(ShardTable table, float?[]?[] embeddings, string[][] tags)
    {
        await ShardFile.WriteAsync(folder.Store, "a.parquet", table, Footers.Caption);
        using var ours = new ParquetFileReader(Path.Combine(folder.Path, "a.parquet"));
        Column[] columns = [new Column<float?[]>("embedding"), new Column<string[]>("tags")];
        using var writer = new ParquetFileWriter(
            Path.Combine(folder.Path, "b.parquet"),
            columns,
            keyValueMetadata: ours.FileMetaData.KeyValueMetadata
        );
        using var group = writer.AppendRowGroup();
        using (var column = group.NextColumn().LogicalWriter<float?[]?>())
            column.WriteBatch(embeddings);
        using (var column = group.NextColumn().LogicalWriter<string[]>())
            column.WriteBatch(tags);
        writer.Close();
    }
}

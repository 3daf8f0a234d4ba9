using CsCheck;

namespace Pipeline.Shards.Tests;

public sealed class ShardFileTests : IDisposable
{
    private const string Uri = "runs/a/caption/00000007.parquet";
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Any_table_comes_back_as_it_was()
    {
        await TableGen.Table.SampleAsync(
            async table =>
            {
                await ShardFile.WriteAsync(folder.Store, Uri, table, Footers.Caption);
                var read = await ShardFile.ReadAsync(folder.Store, Uri);

                TableText.Of(read).Should().Equal(TableText.Of(table));
            },
            iter: 300,
            threads: 1
        );
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(200)]
    public async Task Every_type_comes_back_as_it_was(int rows)
    {
        await TableGen
            .AllTypes(rows)
            .SampleAsync(
                async table =>
                {
                    await ShardFile.WriteAsync(folder.Store, Uri, table, Footers.Caption);
                    var read = await ShardFile.ReadAsync(folder.Store, Uri);

                    TableText.Of(read).Should().Equal(TableText.Of(table));
                },
                iter: 10,
                threads: 1
            );
    }

    [Fact]
    public async Task Equal_tables_give_equal_bytes_and_hashes()
    {
        await TableGen.Table.SampleAsync(
            async table =>
            {
                var first = await ShardFile.WriteAsync(folder.Store, Uri, table, Footers.Caption);
                var second = await ShardFile.WriteAsync(folder.Store, "b/c.parquet", table, Footers.Caption);

                second.Should().Be(first with { Uri = "b/c.parquet" });
                (await folder.Store.ReadAllAsync("b/c.parquet")).Should().Equal(await folder.Store.ReadAllAsync(Uri));
            },
            iter: 100,
            threads: 1
        );
    }

    [Fact]
    public async Task The_stamp_says_where_how_many_and_how_large()
    {
        var table = new ShardTable(ShardColumn.Of("id", new[] { "a", "b", "c" }));

        var stamp = await ShardFile.WriteAsync(folder.Store, Uri, table, Footers.Caption);

        stamp.Should().Be(new ShardStamp(Uri, ShardFile.HashOf(table), 3, new FileInfo(Path.Combine(folder.Path, Uri)).Length));
    }

    [Fact]
    public async Task Only_the_columns_asked_for_are_given_in_the_order_asked()
    {
        var table = new ShardTable(
            ShardColumn.Of("a", new[] { 1 }),
            ShardColumn.Of("b", new[] { "x" }),
            ShardColumn.Of("c", new[] { 2.5 })
        );
        await ShardFile.WriteAsync(folder.Store, Uri, table, Footers.Caption);

        var read = await ShardFile.ReadAsync(folder.Store, Uri, ["c", "a"]);

        TableText.Of(read).Should().Equal(TableText.Of(new ShardTable(table.Columns[2], table.Columns[0])));
    }

    [Fact]
    public async Task Columns_may_be_chosen_among_those_that_the_shard_has()
    {
        var table = new ShardTable(ShardColumn.Of("a", [1]), ShardColumn.Of("b", [2]), ShardColumn.Of("c", [3]));
        await ShardFile.WriteAsync(folder.Store, Uri, table, Footers.Caption);
        IReadOnlyList<ShardField> offered = [];

        var read = await ShardFile.ReadAsync(
            folder.Store,
            Uri,
            fields =>
            {
                offered = fields;
                return ["c", "a"];
            }
        );

        offered.Select(field => $"{field}").Should().Equal("a:int32", "b:int32", "c:int32");
        TableText.Of(read).Should().Equal(TableText.Of(new ShardTable(ShardColumn.Of("c", [3]), ShardColumn.Of("a", [1]))));
    }

    [Fact]
    public async Task Of_a_large_shard_only_the_bytes_of_the_columns_asked_for_are_read()
    {
        var table = Images(rows: 40, bytes: 100_000);
        await ShardFile.WriteAsync(folder.Store, Uri, table, Footers.Caption);
        var counting = new CountingStore(folder.Store);

        await ShardFile.ReadAsync(counting, Uri, ["id"]);

        counting.BytesRead.Should().BeLessThan(80_000);
    }

    [Fact]
    public async Task A_column_that_is_not_there_is_named()
    {
        await ShardFile.WriteAsync(folder.Store, Uri, Images(1, 1), Footers.Caption);

        var read = () => ShardFile.ReadAsync(folder.Store, Uri, ["caption"]);

        (await read.Should().ThrowAsync<ShardColumnException>()).WithMessage(
            $"Column 'caption' is not in {Uri}; it must be one of id, image.*"
        );
    }

    [Fact]
    public async Task A_large_shard_is_cut_into_row_groups_that_are_read_one_by_one()
    {
        var table = Images(rows: 10, bytes: 1000);
        await ShardFile.WriteAsync(folder.Store, Uri, table, Footers.Caption, rowGroupBytes: 3000);

        var groups = new List<ShardTable>();
        await foreach (var group in ShardFile.ReadGroupsAsync(folder.Store, Uri))
            groups.Add(group);

        groups.Select(group => group.Rows).Should().Equal(3, 3, 3, 1);
        TableText.Of(ShardTable.Concat(groups)).Should().Equal(TableText.Of(table));
    }

    [Fact]
    public async Task Row_groups_change_the_bytes_and_not_the_content_hash()
    {
        await TableGen
            .AllTypes(30)
            .SampleAsync(
                async table =>
                {
                    var whole = await ShardFile.WriteAsync(folder.Store, Uri, table, Footers.Caption);
                    var cut = await ShardFile.WriteAsync(folder.Store, Uri, table, Footers.Caption, rowGroupBytes: 2000);
                    var read = await ShardFile.ReadAsync(folder.Store, Uri);

                    cut.Content.Should().Be(whole.Content);
                    cut.Bytes.Should().NotBe(whole.Bytes);
                    TableText.Of(read).Should().Equal(TableText.Of(table));
                },
                iter: 10,
                threads: 1
            );
    }

    [Fact]
    public async Task Names_with_a_dot_become_a_struct_and_come_back()
    {
        var table = new ShardTable(
            ShardColumn.Of("image.bytes", new byte[][] { [1, 2], [] }),
            ShardColumn.OfNullable("image.path", new[] { null, "a.png" }),
            ShardColumn.Of("Fig. 2", new[] { 1, 2 }),
            ShardColumn.Of("x.y", new[] { 1, 2 }),
            ShardColumn.Of("x.z", new string[][] { [], ["a", "b"] })
        );

        await ShardFile.WriteAsync(folder.Store, Uri, table, Footers.Caption);
        var read = await ShardFile.ReadAsync(folder.Store, Uri);

        TableText.Of(read).Should().Equal(TableText.Of(table));
    }

    [Fact]
    public async Task Half_a_surrogate_pair_is_refused_by_column_and_row()
    {
        var table = new ShardTable(ShardColumn.Of("caption", new[] { "fine", "broken \ud83d" }));

        var write = () => ShardFile.WriteAsync(folder.Store, Uri, table, Footers.Caption);

        (await write.Should().ThrowAsync<ShardColumnException>()).WithMessage("Column 'caption', row 1, has half a surrogate pair*");
        (await folder.Store.ExistsAsync(Uri)).Should().BeFalse();
    }

    [Fact]
    public async Task The_schema_lists_names_and_types_in_order()
    {
        var table = new ShardTable(
            ShardColumn.Of("id", new[] { "a" }),
            ShardColumn.Of<int?>("n", [null]),
            ShardColumn.Of("e", new float[][] { [] })
        );
        await ShardFile.WriteAsync(folder.Store, Uri, table, Footers.Caption);

        var fields = await ShardFile.ReadSchemaAsync(folder.Store, Uri);

        fields.Select(field => field.ToString()).Should().Equal("id:string", "n:int32?", "e:list<float32>");
    }

    internal static ShardTable Images(int rows, int bytes) =>
        new(
            ShardColumn.Of("id", Enumerable.Range(0, rows).Select(row => $"{row:x32}").ToArray()),
            ShardColumn.Of("image", Enumerable.Range(0, rows).Select(row => Pattern(row, bytes)).ToArray())
        );

    private static byte[] Pattern(int seed, int bytes) => [.. Enumerable.Range(0, bytes).Select(at => (byte)((at * 31) + seed))];
}

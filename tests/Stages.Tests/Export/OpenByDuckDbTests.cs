using Pipeline.Shards;
using Pipeline.Shards.Records;
using Pipeline.Stages.Export;

namespace Pipeline.Stages.Tests.Export;

public sealed class OpenByDuckDbTests : IDisposable
{
    private const string Train = "augmented/train-00000-of-00001.parquet";
    private static readonly ExportOptions ManyGroups = new() { RowGroupBytes = 1000 };
    private readonly SmallRun run = new();

    public void Dispose() => run.Dispose();

    [Fact]
    public async Task Every_cell_of_every_column_is_as_our_own_reader_gives_it()
    {
        AddLists();
        var request = run.Request with { Describing = [.. run.Request.Describing, "embed"] };

        await DataSetExporter.WriteAsync(request, ManyGroups, run.Store, TestContext.Current.CancellationToken);

        var table = await ShardFile.ReadAsync(run.Store, Train, stop: TestContext.Current.CancellationToken);
        var names = string.Join(", ", table.Columns.Select(column => column.Name == "group" ? "\"group\"" : column.Name));
        var found = DuckDbReader.Query($"select {names} from '{run.PathOf(Train)}'");
        found.Should().HaveCount(table.Rows);
        foreach (var (column, index) in table.Columns.Select((column, index) => (column, index)))
            found
                .Select(row => row[index])
                .Should()
                .BeEquivalentTo(Cells(column), options => options.WithStrictOrdering(), "column {0} is read", column.Name);
        Cells(table.Columns.Single(column => column.Name == "embed_vector")).Should().Contain(cell => cell == null);
        Cells(table.Columns.Single(column => column.Name == "embed_words")).OfType<string[]>().Should().Contain(cell => cell.Length == 0);
    }

    [Fact]
    public async Task File_has_many_row_groups_and_each_scalar_column_has_its_statistics()
    {
        await DataSetExporter.WriteAsync(run.Request, ManyGroups, run.Store, TestContext.Current.CancellationToken);

        var groups = DuckDbReader.Query(
            $"select row_group_id, row_group_num_rows from parquet_metadata('{run.PathOf(Train)}') where path_in_schema = 'label' order by 1"
        );
        groups.Should().HaveCountGreaterThan(2);
        groups.Sum(group => (long)group[1]!).Should().Be(9);
        foreach (var column in (string[])["label", "label_name", "sample_id", "split", "source", "caption", "filter_confidence"])
        {
            var written = DuckDbReader.Query(
                $"""
                select stats_min_value, stats_max_value, stats_null_count from parquet_metadata('{run.PathOf(Train)}')
                where path_in_schema = '{column}' order by row_group_id
                """
            );
            var start = 0L;
            foreach (var (group, statistics) in groups.Zip(written))
            {
                var cells = DuckDbReader.Query(
                    $"""
                    select min({column})::varchar, max({column})::varchar, count(*) - count({column})
                    from (select * from '{run.PathOf(Train)}' limit {group[1]} offset {start})
                    """
                );
                statistics.Should().Equal(cells[0], "statistics of {0} in row group {1} are those of its cells", column, group[0]);
                start += (long)group[1]!;
            }
        }
    }

    [Fact]
    public async Task Column_that_came_later_is_null_in_an_older_file()
    {
        await DataSetExporter.WriteAsync(
            run.Request with
            {
                Describing = ["caption"],
            },
            ManyGroups,
            run.Store,
            TestContext.Current.CancellationToken
        );
        File.Copy(run.PathOf(Train), run.PathOf("augmented/older.parquet"));
        await DataSetExporter.WriteAsync(run.Request, ManyGroups, run.Store, TestContext.Current.CancellationToken);

        var union = DuckDbReader.Query(
            $"select count(*), count(caption), count(filter_verdict) from read_parquet(['{run.PathOf("augmented/older.parquet")}', '{run.PathOf(Train)}'], union_by_name = true)"
        );
        var older = await ShardRows.ReadAsync<VerdictCell>(run.Store, "augmented/older.parquet", TestContext.Current.CancellationToken);
        var newer = await ShardRows.ReadAsync<VerdictCell>(run.Store, Train, TestContext.Current.CancellationToken);

        union[0].Should().Equal(18L, 12L, 3L);
        older.Should().HaveCount(9).And.OnlyContain(row => row.FilterVerdict == null && row.SampleId != null);
        newer.Count(row => row.FilterVerdict == "keep").Should().Be(3);
    }

    private void AddLists()
    {
        string[] ids = [.. Enumerable.Range(0, 5).Select(row => SmallRun.Sample(0, row))];
        run.Shards.Add(
            "embed",
            0,
            ShardColumn.Of("sample_id", ids),
            ShardColumn.OfNullable("vector", new float[]?[] { [1f, float.MinValue], null, [], [0.1f], [2f] }),
            ShardColumn.OfNullable("words", new string[]?[] { ["a", "ü"], [], null, ["one"], [""] }),
            ShardColumn.Of("sharp", new[] { true, false, true, false, true }),
            ShardColumn.Of("pixels", new[] { long.MaxValue, 1, 2, 3, 4 })
        );
    }

    private static IEnumerable<object?> Cells(ShardColumn column) =>
        ((Array)column.GetType().GetProperty("Values")!.GetValue(column)!).Cast<object?>();

    private sealed record VerdictCell(string? SampleId, string? FilterVerdict);
}

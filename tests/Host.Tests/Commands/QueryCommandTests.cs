using System.Text.Json;
using Pipeline.Host.Commands;
using Pipeline.Shards;
using Pipeline.Shards.Stores;

namespace Pipeline.Host.Tests.Commands;

public sealed class QueryCommandTests
{
    private static readonly string[] Samples = ["s1", "s2", "s3"];
    private static readonly string[] Variants = ["v1", "v2"];

    [Fact]
    public async Task Every_stage_has_a_view_also_one_without_shards_and_one_named_like_a_word_of_sql()
    {
        using var folder = await RunAsync();

        var tables = await QueryAsync(folder, "show tables");
        var counts = await QueryAsync(
            folder,
            "select (select count(*) from ingest) a, (select count(*) from edit where strength > 0.5) b, "
                + "(select count(*) from filter where verdict = 'keep' and confidence > 0.5) c, (select count(*) from \"select\") d, "
                + "(select count(*) from \"caption-2\") e, (select count(*) from augmented) f"
        );

        tables.Line("filter").Should().Equal("filter");
        tables.Output.Should().Contain("augmented").And.Contain("samples").And.Contain("variants").And.Contain("caption-2");
        counts.Code.Should().Be(0, counts.Error);
        counts.Line("3").Should().Equal("3", "2", "0", "2", "3", "0");
    }

    [Fact]
    public async Task Samples_and_variants_join_the_stages_by_their_keys()
    {
        using var folder = await RunAsync();

        var samples = await QueryAsync(
            folder,
            "select sample_id, manifest_caption, caption, \"caption-2_caption\" from samples order by all"
        );
        var variants = await QueryAsync(
            folder,
            "select variant_id, sample_id, uri, edit_prompt, filter_verdict, select_rows, caption from variants order by all"
        );

        samples.Line("s2").Should().Equal("s2", "m2", "null", "d2");
        samples.Line("s1").Should().Equal("s1", "m1", "c1", "d1");
        variants.Line("v1").Should().Equal("v1", "s1", "u1", "p1", "null", "2", "c1");
        variants.Line("v2").Should().Equal("v2", "s1", "u1", "p2", "null", "0", "c1");
    }

    [Fact]
    public async Task Column_that_an_older_shard_lacks_is_null_there()
    {
        using var folder = await RunAsync();
        await WriteAsync(folder, "edit", 1, Text("sample_id", "s2"), Text("variant_id", "v3"), Text("prompt", "p3"), Text("later", "x"));

        var result = await QueryAsync(folder, "select variant_id, later from edit order by all");

        result.Line("v1").Should().Equal("v1", "null");
        result.Line("v3").Should().Equal("v3", "x");
    }

    [Fact]
    public async Task Blobs_are_shown_by_their_size_in_every_format()
    {
        using var folder = await RunAsync();

        var table = await QueryAsync(folder, "select image from edit");
        var csv = await QueryAsync(folder, "select image from edit", "--format", "csv");
        var json = await QueryAsync(folder, "select {'a': image, 'b': [1, 2]} as s from edit", "--format", "json");

        table.Output.Split('\n').Should().Contain("3 bytes");
        csv.Output.Should().Be("image\r\n3 bytes\r\n1 bytes\r\n");
        JsonDocument.Parse(json.Output).RootElement[0].GetRawText().Should().Be("""{"s":{"a":"3 bytes","b":[1,2]}}""");
    }

    [Fact]
    public async Task Json_and_csv_keep_numbers_nulls_and_signs()
    {
        using var folder = await RunAsync();
        const string Sql =
            "select 1::hugeint h, 0.1::float f, 'nan'::double n, null z, 'a\"b,c' t, true b, date '2026-01-02' d, 1.50::decimal(5,2) m, 1 as h order by all";

        var csv = await QueryAsync(folder, Sql, "--format", "csv");
        var json = await QueryAsync(folder, Sql, "--format", "json");
        var none = await QueryAsync(folder, "select 1 where false", "--format", "json");

        csv.Output.Should().Be("h,f,n,z,t,b,d,m,h_2\r\n1,0.1,NaN,,\"a\"\"b,c\",true,2026-01-02,1.50,1\r\n");
        json.Output.Should()
            .Be(
                "[\n{\"h\":1,\"f\":0.1,\"n\":\"NaN\",\"z\":null,\"t\":\"a\\\"b,c\",\"b\":true,\"d\":\"2026-01-02\",\"m\":1.50,\"h_2\":1}\n]\n"
            );
        none.Output.Should().Be("[]\n");
    }

    [Theory]
    [InlineData("40", 40, "40 rows.")]
    [InlineData("41", 40, "The first 40 rows;")]
    [InlineData("41 --limit 41", 41, "41 rows.")]
    [InlineData("3 --limit 2", 2, "The first 2 rows;")]
    [InlineData("41 --format csv", 41, "")]
    [InlineData("41 --format csv --limit 3", 3, "")]
    public async Task Rows_are_bounded_on_a_terminal_and_where_a_limit_is_given(string rows, int shown, string said)
    {
        using var folder = await RunAsync();
        var words = rows.Split(' ');

        var result = await QueryAsync(folder, $"select 'r' as r from range({words[0]})", words[1..]);

        result.Output.Split('\n').Count(line => line.TrimEnd() == "r").Should().Be(shown + 1);
        result.Output.Contains(said, StringComparison.Ordinal).Should().BeTrue(result.Output);
    }

    [Theory]
    [InlineData("selec 1", "Parser Error")]
    [InlineData("select nothing from edit", "Referenced column \"nothing\" not found")]
    [InlineData("select 'a'::int from edit", "Could not convert string 'a' to INT32")]
    [InlineData("", "holds 0 statements")]
    [InlineData("select 1; select 2", "holds 2 statements")]
    [InlineData("create table t as select 1", "it must be one that only reads")]
    [InlineData("drop view edit", "it must be one that only reads")]
    [InlineData("set threads = 1", "it must be one that only reads")]
    [InlineData("explain analyze select 1", "it must be one that only reads")]
    public async Task What_is_no_readable_query_gives_2_and_duckdbs_message(string sql, string said)
    {
        using var folder = await RunAsync();

        var result = await QueryAsync(folder, sql);

        result.Code.Should().Be(2);
        result.Error.Should().StartWith("error: ").And.Contain(said);
        result.Output.Should().BeEmpty();
    }

    [Theory]
    [InlineData("copy (select 1) to 'RUN/edit/00000000.parquet'")]
    [InlineData("copy (select 1) to 'RUN/new.csv'")]
    [InlineData("export database 'RUN/new'")]
    [InlineData("attach 'RUN/new.db'")]
    [InlineData("explain analyze copy (select 1) to 'RUN/new.csv'")]
    [InlineData("select * from read_text('/etc/passwd')")]
    [InlineData("select * from read_text('RUN/../../run.json')")]
    [InlineData("select * from 'https://example.org/a.parquet'")]
    [InlineData("select * from glob('/*')")]
    [InlineData("install httpfs")]
    [InlineData("load httpfs")]
    public async Task Nothing_is_written_and_nothing_but_the_runs_files_is_read(string sql)
    {
        using var folder = await RunAsync();
        var run = Path.Combine(folder.Root, "runs", "0a1b");
        var before = Listing(folder);

        var result = await QueryAsync(folder, sql.Replace("RUN", run, StringComparison.Ordinal));

        result.Code.Should().Be(2, result.Output);
        result.Error.Should().MatchRegex("Permission Error|it must be one that only reads");
        Listing(folder).Should().Equal(before);
    }

    [Fact]
    public async Task Settings_are_locked_and_the_runs_own_files_can_be_read()
    {
        using var folder = await RunAsync();

        var settings = await QueryAsync(
            folder,
            "select name, value from duckdb_settings() where name in ('enable_external_access', 'lock_configuration', 'autoload_known_extensions', 'autoinstall_known_extensions', 'allow_community_extensions') order by name"
        );
        var own = await QueryAsync(folder, $"select count(*) n from read_parquet('{folder.Root}/runs/0a1b/edit/*.parquet')");

        settings.Line("lock_configuration").Should().Equal("lock_configuration", "true");
        foreach (
            var name in new[]
            {
                "enable_external_access",
                "autoload_known_extensions",
                "autoinstall_known_extensions",
                "allow_community_extensions",
            }
        )
            settings.Line(name).Should().Equal(name, "false");
        own.Line("2").Should().Equal("2");
    }

    [Fact]
    public async Task Run_without_any_shard_can_be_asked_and_a_folder_of_no_run_cannot()
    {
        using var folder = new TemporaryFolder();
        var none = await QueryAsync(folder, "select 1");
        folder.WriteRun("running");
        folder.Write("pipeline.yaml", "pipeline: p\nstages:\n  ingest: {}\n  caption: {}\n  describe: {}\n  edit: { after: caption }\n");

        var empty = await QueryAsync(folder, "select sample_id, edit_prompt from variants where edit_strength > 0.5 and uri like 'a%'");

        none.Code.Should().Be(2);
        empty.Code.Should().Be(0, empty.Error);
        empty.Output.Should().EndWith("0 rows.\n");
    }

    [Fact]
    public async Task Folder_whose_name_holds_signs_of_patterns_is_read_as_it_is()
    {
        using var folder = await RunAsync("it's [a] *run?");

        var result = await CommandLineResult.Of(
            QueryCommand.Create(),
            "query",
            Path.Combine(folder.Root, "it's [a] *run?"),
            "select count(*) as n from edit"
        );

        result.Code.Should().Be(0, result.Error);
        result.Line("2").Should().Equal("2");
    }

    private static List<string> Listing(TemporaryFolder folder) =>
        [
            .. new DirectoryInfo(folder.Root)
                .EnumerateFiles("*", SearchOption.AllDirectories)
                .Select(file => $"{file.FullName} {file.Length}")
                .Order(StringComparer.Ordinal),
        ];

    private static Task<CommandLineResult> QueryAsync(TemporaryFolder folder, string sql, params string[] more) =>
        CommandLineResult.Of(QueryCommand.Create(), ["query", folder.Root, sql, .. more]);

    /// <summary>Three samples, two edits of the first, one of them selected twice; the filter has not begun.</summary>
    private static async Task<TemporaryFolder> RunAsync(string at = "")
    {
        var folder = new TemporaryFolder();
        var prefix = at.Length == 0 ? "" : at + "/";
        folder.Write(prefix + "run.json", """{"id":"0a1b","pipeline":"p","input":"birds","seed":7,"state":"running"}""");
        folder.Write(
            prefix + "pipeline.yaml",
            """
            pipeline: p
            stages:
              ingest: {}
              caption: {}
              caption-2: { kind: caption, after: ingest }
              describe: { after: caption }
              edit: { after: caption }
              train: { after: [ingest], trainings: [original] }
              filter: { after: edit }
              select: {}
              export: {}
            """
        );
        await WriteAsync(
            folder,
            "ingest",
            0,
            at,
            Text("sample_id", Samples),
            Text("uri", "u1", "u2", "u3"),
            Text("caption", "m1", "m2", "m3")
        );
        await WriteAsync(folder, "caption", 0, at, Text("sample_id", "s1", "s3"), Text("caption", "c1", "c3"));
        await WriteAsync(folder, "caption-2", 0, at, Text("sample_id", Samples), Text("caption", "d1", "d2", "d3"));
        await WriteAsync(
            folder,
            "edit",
            0,
            at,
            Text("sample_id", "s1", "s1"),
            Text("variant_id", Variants),
            Text("prompt", "p1", "p2"),
            ShardColumn.Of("strength", (double[])[0.7, 0.7]),
            ShardColumn.Of(
                "image",
                (byte[][])
                    [
                        [1, 2, 3],
                        [4],
                    ]
            )
        );
        await WriteAsync(folder, "select", 0, at, Text("sample_id", "s1", "s1"), Text("variant_id", "v1", "v1"));
        return folder;
    }

    private static ShardColumn<string> Text(string name, params string[] values) => ShardColumn.Of(name, values);

    private static Task<ShardStamp> WriteAsync(TemporaryFolder folder, string stage, int batch, params ShardColumn[] columns) =>
        WriteAsync(folder, stage, batch, "", columns);

    private static Task<ShardStamp> WriteAsync(TemporaryFolder folder, string stage, int batch, string at, params ShardColumn[] columns) =>
        ShardFile.WriteAsync(
            new FolderStore(Path.Combine(folder.Root, at)),
            ShardNames.Uri("0a1b", stage, batch),
            new ShardTable(columns),
            new ShardFooter
            {
                Stage = stage,
                Batch = batch,
                Fingerprint = "cd",
            }
        );
}

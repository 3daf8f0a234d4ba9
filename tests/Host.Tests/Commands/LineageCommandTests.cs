using System.Text.Json;
using Pipeline.Host.Commands;
using Pipeline.Shards;
using Pipeline.Shards.Stores;

namespace Pipeline.Host.Tests.Commands;

public sealed class LineageCommandTests
{
    private static readonly string[] Ids =
    [
        "aaaaaa11" + new string('0', 24),
        "aaaaaa22" + new string('0', 24),
        "bbbbbb33" + new string('0', 24),
    ];

    [Fact]
    public async Task Text_names_every_stage_of_the_pipeline_with_options_shard_and_state()
    {
        using var folder = await RunAsync();

        var result = await LineageAsync(folder, "train/red/2.jpg");

        result.Code.Should().Be(0, result.Error);
        result.Line("sample").Should().Equal("sample", Ids[2]);
        result.Line("source").Should().Equal("source", "train/red/2.jpg");
        result.Line("run").Should().Equal("run", "0a1b, starter, seed 7, interrupted");
        result.Line("outcome").Should().Equal("outcome", "not yet: caption");
        result.Line("ingest").Should().Equal("ingest", "done");
        result.Line("shard").Should().Equal("shard", "runs/0a1b/ingest/00000000.parquet, row 2");
        result.Line("caption").Should().Equal("caption", "not yet");
        result.Output.Should().Contain("backend statistics, microBatch 16");
    }

    [Fact]
    public async Task Json_holds_the_same()
    {
        using var folder = await RunAsync();

        var result = await LineageAsync(folder, "BBBBBB", "--json");

        using var json = JsonDocument.Parse(result.Output);
        json.RootElement.GetProperty("subject").GetProperty("sampleId").GetString().Should().Be(Ids[2]);
        json.RootElement.GetProperty("outcome").GetString().Should().Be("not_yet");
        var ingest = json.RootElement.GetProperty("stages")[0];
        ingest.GetProperty("state").GetString().Should().Be("done");
        ingest.GetProperty("values").GetProperty("width").GetInt32().Should().Be(40);
        ingest.GetProperty("shard").GetProperty("uri").GetString().Should().Be("runs/0a1b/ingest/00000000.parquet");
        ingest.GetProperty("options").GetProperty("batch").GetInt32().Should().Be(64);
    }

    [Theory]
    [InlineData("aaaaaa", "is the beginning of 2 ids", "aaaaaa11")]
    [InlineData("aaaaa", "has 5 hexadecimal digits", "at least 6")]
    [InlineData("cccccc", "is no sample and no variant", "Nearest: ")]
    [InlineData("train/red/3.jpg", "is no sample and no variant", "Nearest: train/red/0.jpg, train/red/1.jpg, train/red/2.jpg")]
    public async Task Name_that_is_not_clear_gives_2_and_names_what_is_near(string name, string said, string near)
    {
        using var folder = await RunAsync();

        var result = await LineageAsync(folder, name);

        result.Code.Should().Be(2);
        result.Error.Should().StartWith("error: ").And.Contain(said).And.Contain(near);
        result.Output.Should().BeEmpty();
    }

    [Fact]
    public async Task Run_without_a_sample_or_a_pipeline_file_says_so()
    {
        using var folder = new TemporaryFolder();
        folder.WriteRun("running");

        var without = await LineageAsync(folder, "train/red/3.jpg");
        folder.Write("pipeline.yaml", "pipeline: p\nstages:\n  ingest: {}\n");
        var empty = await LineageAsync(folder, "train/red/3.jpg");

        (without.Code, empty.Code).Should().Be((2, 2));
        without.Error.Should().Contain("pipeline.yaml is not there");
        empty.Error.Should().Contain("The run has no sample yet.");
    }

    [Fact]
    public async Task Weights_that_are_gone_are_no_error()
    {
        using var folder = await RunAsync();
        folder.Write(
            "pipeline.yaml",
            "pipeline: p\nstages:\n  ingest: {}\n  train: { recipe: alia, trainings: [original], init: /gone/w.safetensors }\n"
        );

        var result = await LineageAsync(folder, "train/red/2.jpg");

        result.Code.Should().Be(0, result.Error);
        result.Line("file").Should().Equal("file", "/gone/w.safetensors, gone");
    }

    private static Task<CommandLineResult> LineageAsync(TemporaryFolder folder, params string[] arguments) =>
        CommandLineResult.Of(LineageCommand.Create(), ["lineage", "--run", folder.Root, .. arguments]);

    /// <summary>A run whose ingest is done and whose caption is not.</summary>
    private static async Task<TemporaryFolder> RunAsync()
    {
        var folder = new TemporaryFolder();
        folder.WriteRun("interrupted");
        folder.Write("pipeline.yaml", "pipeline: p\nstages:\n  ingest: {}\n  caption: {}\n");
        await ShardFile.WriteAsync(
            new FolderStore(folder.Root),
            "runs/0a1b/ingest/00000000.parquet",
            new ShardTable(
                ShardColumn.Of("sample_id", Ids),
                ShardColumn.Of("uri", (string[])["train/red/0.jpg", "train/red/1.jpg", "train/red/2.jpg"]),
                ShardColumn.Of("width", (int[])[40, 40, 40])
            ),
            new ShardFooter
            {
                Stage = "ingest",
                Batch = 0,
                Fingerprint = "cd",
                Seed = 7,
            }
        );
        return folder;
    }
}

using Pipeline.Host.Commands;
using Pipeline.Stages.Runs;

namespace Pipeline.Host.Tests.Commands;

public sealed class StatusCommandTests
{
    [Fact]
    public async Task Counts_are_those_of_the_files()
    {
        using var folder = new TemporaryFolder();
        folder.WriteRun("interrupted");
        folder.Write("runs/0a1b/caption/00000000.parquet", "1234");
        folder.Write("runs/0a1b/caption/00000001.parquet", "123");
        folder.Write("runs/0a1b/caption/00000002.failed.json", "{}");
        folder.Write("runs/0a1b/caption/.00000003.parquet.tmp-x", "");
        folder.Write("runs/0a1b/caption/00000001.log.json", "{}");
        folder.Write("runs/other/edit/00000000.parquet", "");

        var result = await CommandLineResult.Of(StatusCommand.Create(), "status", folder.Root);

        result.Code.Should().Be(0);
        result.Line("state").Should().Equal("state", "interrupted");
        result.Line("seed").Should().Equal("seed", "7");
        result.Line("caption").Should().Equal("caption", "2", "1", "11 bytes");
        result.Output.Should().NotContain("edit");
    }

    [Fact]
    public async Task Stages_stand_in_the_pipelines_order_also_those_without_a_file()
    {
        using var folder = new TemporaryFolder();
        folder.WriteRun("interrupted");
        folder.Write("pipeline.yaml", "pipeline: p\nstages:\n  ingest: {}\n  caption: { after: ingest }\n");
        folder.Write("runs/0a1b/ingest/00000000.parquet", "");

        var result = await CommandLineResult.Of(StatusCommand.Create(), "status", folder.Root);

        result.Line("caption").Should().Equal("caption", "0", "0", "0 bytes");
        result.Output.Should().MatchRegex("(?s)ingest .*caption .*The same command goes on");
    }

    [Fact]
    public async Task Run_is_running_only_while_a_process_holds_its_directory()
    {
        using var folder = new TemporaryFolder();
        folder.WriteRun("running");

        CommandLineResult held;
        using (OutputLock.Take(folder.Root))
            held = await CommandLineResult.Of(StatusCommand.Create(), "status", folder.Root);
        var killed = await CommandLineResult.Of(StatusCommand.Create(), "status", folder.Root);

        held.Line("state").Should().Equal("state", "running");
        killed.Line("state").Should().Equal("state", "interrupted");
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"id":"../x","state":"done"}""")]
    [InlineData("""{"id":"..","state":"done"}""")]
    [InlineData("""{"id":"a","state":3}""")]
    public async Task Foreign_run_json_is_an_error_that_names_it(string text)
    {
        using var folder = new TemporaryFolder();
        folder.Write("run.json", text);

        var result = await CommandLineResult.Of(StatusCommand.Create(), "status", folder.Root);

        result.Code.Should().Be(2);
        result.Error.Should().Match("error: *run.json*");
    }

    [Fact]
    public async Task Missing_folder_and_folder_without_a_run_give_2()
    {
        using var folder = new TemporaryFolder();

        var missing = await CommandLineResult.Of(StatusCommand.Create(), "status", Path.Combine(folder.Root, "no"));
        var empty = await CommandLineResult.Of(StatusCommand.Create(), "status", folder.Root);

        missing.Code.Should().Be(2);
        missing.Error.Should().Contain("is not a folder");
        empty.Code.Should().Be(2);
        empty.Error.Should().Contain("has no run.json");
    }
}

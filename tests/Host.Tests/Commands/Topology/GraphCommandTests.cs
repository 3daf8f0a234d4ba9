using System.Xml.Linq;
using Pipeline.Host.Commands.Topology;
using Pipeline.Stages.Runs;

namespace Pipeline.Host.Tests.Commands.Topology;

public sealed class GraphCommandTests
{
    [Fact]
    public async Task Text_counts_what_waits_from_the_files_of_a_run_that_is_going_on()
    {
        using var folder = TopologyRun.Create("running");
        using var held = OutputLock.Take(folder.Root);
        Shards(folder, "ingest", 5);
        Shards(folder, "caption", 3);
        Shards(folder, "edit", 1);
        folder.Write("runs/0a1b/edit/00000001.failed.json", "{}");

        var result = await CommandLineResult.Of(GraphCommand.Create(), "graph", folder.Root);

        result.Output.Should().StartWith("starter, run 0a1b, version 1, running\n\nstage ");
        result.Line("└─ caption").Should().Equal("└─ caption", "waiting", "2");
        result.Output.Should().MatchRegex(@"└─ edit +waiting for domains +1 +needs domains of describe\n");
        result.Output.Should().MatchRegex(@"└─ filter +waiting for base-classifier +1 ");
    }

    [Fact]
    public async Task Batches_that_passed_before_a_stage_was_added_do_not_wait_for_it()
    {
        using var folder = TopologyRun.Create("interrupted");
        Shards(folder, "ingest", 5);
        await CommandLineResult.Of(
            StageCommand.Create(),
            "stage",
            "add",
            "again",
            "--kind",
            "caption",
            "--after",
            "ingest",
            "--run",
            folder.Root,
            "--from",
            "now"
        );
        folder.Write("runs/0a1b/ingest/00000005.parquet", "");
        folder.Write(
            "runs/0a1b/ingest/00000005.log.json",
            """{"stage":"ingest","batch":5,"version":2,"rows":8,"bytes":1,"seconds":1,"at":"2026-01-01T00:00:00Z"}"""
        );

        var result = await CommandLineResult.Of(GraphCommand.Create(), "graph", folder.Root);

        result.Line("├─ again").Should().Equal("├─ again", "1", "kind caption");
        result.Line("└─ caption").Should().Equal("└─ caption", "6");
    }

    [Fact]
    public async Task Rate_is_that_of_the_batches_that_were_done_lately()
    {
        using var folder = TopologyRun.Create("running");
        using var held = OutputLock.Take(folder.Root);
        Shards(folder, "ingest", 2);
        var at = TimeProvider.System.GetUtcNow();
        folder.Write(
            "runs/0a1b/ingest/00000001.log.json",
            $$"""{"stage":"ingest","batch":1,"version":1,"rows":100000,"bytes":1,"seconds":1,"at":"{{at.AddHours(-1):O}}"}"""
        );
        folder.Write(
            "runs/0a1b/ingest/00000000.log.json",
            $$"""{"stage":"ingest","batch":0,"version":1,"rows":4000,"bytes":1,"seconds":39,"at":"{{at.AddSeconds(-1):O}}"}"""
        );

        var result = await CommandLineResult.Of(GraphCommand.Create(), "graph", folder.Root);

        result.Output.Should().MatchRegex(@"ingest +running +(100|9\d\.\d)/s\n");
    }

    [Fact]
    public async Task Paused_stage_is_shown_so_in_every_format()
    {
        using var folder = TopologyRun.Create("interrupted");
        await CommandLineResult.Of(StageCommand.Create(), "stage", "pause", "filter", "--run", folder.Root);

        var text = await CommandLineResult.Of(GraphCommand.Create(), "graph", folder.Root);
        var mermaid = await CommandLineResult.Of(GraphCommand.Create(), "graph", folder.Root, "--format", "mermaid");
        var svg = await CommandLineResult.Of(GraphCommand.Create(), "graph", folder.Root, "--format", "svg");

        text.Output.Should().MatchRegex(@"└─ filter +paused ");
        mermaid.Output.Should().StartWith("flowchart LR\n").And.Contain("  class filter paused\n");
        XElement
            .Parse(svg.Output)
            .Descendants()
            .Should()
            .Contain(element => element.Attribute("class") != null && element.Attribute("class")!.Value == "paused");
    }

    [Fact]
    public async Task Picture_is_written_into_a_file()
    {
        using var folder = TopologyRun.Create("done");
        var file = Path.Combine(folder.Root, "graph.svg");

        var result = await CommandLineResult.Of(GraphCommand.Create(), "graph", folder.Root, "--format", "svg", "--output", file);

        (result.Code, result.Output).Should().Be((0, $"{file} is written.\n"));
        XElement.Load(file).Name.LocalName.Should().Be("svg");
    }

    [Fact]
    public async Task Unknown_format_is_refused_with_those_that_there_are()
    {
        using var folder = TopologyRun.Create("done");

        var result = await CommandLineResult.Of(GraphCommand.Create(), "graph", folder.Root, "--format", "png");

        result.Code.Should().Be(2);
        result.Error.Should().Contain("'mermaid'").And.Contain("See: pipeline graph --help");
    }

    private static void Shards(TemporaryFolder folder, string stage, int count)
    {
        for (var batch = 0; batch < count; batch++)
        {
            folder.Write($"runs/0a1b/{stage}/{batch:D8}.parquet", "");
        }
    }
}

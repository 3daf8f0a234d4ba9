using Pipeline.Host.Commands.Topology;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Topology;

namespace Pipeline.Host.Tests.Commands.Topology;

public sealed class StageCommandTests
{
    [Fact]
    public async Task Inserted_stage_is_in_force_for_a_run_that_was_interrupted()
    {
        using var folder = TopologyRun.Create("interrupted");

        var result = await RunAsync(
            "add",
            "again",
            "--kind",
            "caption",
            "--after",
            "ingest",
            "--before",
            "caption",
            "--run",
            folder.Root,
            "--from",
            "now"
        );

        result.Error.Should().BeEmpty();
        result.Code.Should().Be(0);
        result
            .Output.Should()
            .Be(
                $"again is added after ingest, before caption, of the kind caption. Version 2 is in force, for batches that come from now on. Next: pipeline graph {folder.Root}\n"
                    + "No process works on the run now. The command that began it goes on with it.\n"
            );
        (await folder.AfterAsync("caption")).Should().Be("again");
        File.ReadAllText(Path.Combine(folder.Root, "pipeline.yaml")).Should().Contain("  again:\n    kind: caption\n    after: [ingest]\n");
    }

    [Fact]
    public async Task Process_that_works_on_the_run_takes_the_change()
    {
        using var folder = TopologyRun.Create("running");
        using var held = OutputLock.Take(folder.Root);
        using var ended = new CancellationTokenSource();
        var process = TakesChangesAsync(folder, ended.Token);

        var result = await RunAsync("set", "edit", "strength=0.25", "edit.variants=2", "--run", folder.Root, "--from", "start");

        await ended.CancelAsync();
        await process;
        result
            .Output.Should()
            .Be(
                $"edit.strength is 0.25 instead of 0.7; edit.variants is 2 instead of 1. Version 2 is in force, for every batch. Next: pipeline graph {folder.Root}\n"
            );
        (await folder.TopologyAsync()).Newest.Should().Be(2);
    }

    [Fact]
    public async Task Removed_stage_is_gone_and_paused_no_more()
    {
        using var folder = TopologyRun.Create("interrupted");
        await RunAsync("add", "again", "--kind", "caption", "--after", "ingest", "--run", folder.Root, "--from", "now");
        await RunAsync("pause", "again", "--run", folder.Root);

        var result = await RunAsync("remove", "again", "--run", folder.Root);

        result.Output.Should().StartWith("again is removed. Version 4 is in force, for batches that come from now on. ");
        var topology = await folder.TopologyAsync();
        topology.Pipeline.Find("again").Should().BeNull();
        topology.Paused.Should().BeEmpty();
        (await folder.AfterAsync("export")).Should().Be("select");
    }

    [Fact]
    public async Task Stage_is_paused_and_resumed()
    {
        using var folder = TopologyRun.Create("interrupted");

        var paused = await RunAsync("pause", "filter", "--run", folder.Root);
        var between = await folder.TopologyAsync();
        var resumed = await RunAsync("resume", "filter", "--run", folder.Root);

        paused.Output.Should().StartWith("filter is paused; its batches wait. Version 2 is in force. Next: ");
        between.Paused.Should().Equal("filter");
        resumed.Output.Should().StartWith("filter takes batches again. Version 3 is in force. Next: ");
        (await folder.TopologyAsync()).Paused.Should().BeEmpty();
    }

    [Theory]
    [InlineData(
        "error: export does not work through rows; the stage to pause must be one of caption, edit, filter. Name one. A whole run: pipeline pause RUN\n",
        "pause",
        "export"
    )]
    [InlineData(
        "error: fliter is no stage of the run; the stage to resume must be one of caption, edit, filter. Name one. A whole run: pipeline resume RUN\n",
        "resume",
        "fliter"
    )]
    [InlineData("error: To resume filter changes nothing: *", "resume", "filter")]
    [InlineData("error: edit.strength is 9; it must be *", "set", "edit", "strength=9")]
    [InlineData("error: ingest lists the input; a source cannot be removed from a run. *", "remove", "ingest")]
    [InlineData("error: The kind of blur is blur; it must be one of *", "add", "blur", "--after", "caption", "--from", "now")]
    [InlineData("error: Option '--from' is required.\nSee: pipeline stage add --help\n", "add", "blur", "--after", "caption")]
    [InlineData("*then*\nSee: pipeline stage set --help\n", "set", "edit", "strength=0.5", "--from", "then")]
    [InlineData("error: --store is given and --broker is not; *", "remove", "filter", "--store", "..")]
    public async Task Change_that_cannot_be_is_refused_and_nothing_is_written(string error, params string[] arguments)
    {
        using var folder = TopologyRun.Create("interrupted");
        var named = arguments.Contains("--store") ? Path.GetFileName(folder.Root) : folder.Root;
        var store = arguments.Select(argument => argument == ".." ? Path.GetDirectoryName(folder.Root)! : argument);

        var result = await RunAsync([.. store, "--run", named]);

        result.Code.Should().Be(2);
        result.Error.Should().Match(error.Replace("*then*", "error: *then*"));
        Directory.Exists(Path.Combine(folder.Root, "topology")).Should().BeFalse();
    }

    [Theory]
    [InlineData(
        "Give --from start: then it is done for the batches that are there.",
        "add",
        "again",
        "--kind",
        "caption",
        "--after",
        "ingest",
        "--from",
        "now"
    )]
    [InlineData("Change the pipeline file and begin the run again.", "pause", "edit")]
    public async Task Run_that_has_ended_takes_no_change_from_now_on(string remedy, params string[] arguments)
    {
        using var folder = TopologyRun.Create("done");

        var result = await RunAsync([.. arguments, "--run", folder.Root]);

        result.Code.Should().Be(2);
        result
            .Error.Should()
            .StartWith($"error: {folder.Root} has ended and no batch comes any more; to {arguments[0]} {arguments[1]}")
            .And.EndWith(remedy + "\n");
    }

    [Fact]
    public async Task Name_of_a_removed_stage_stands_for_its_kind()
    {
        using var folder = TopologyRun.Create("interrupted");
        await RunAsync("add", "again", "--kind", "caption", "--after", "ingest", "--run", folder.Root, "--from", "now");
        await RunAsync("remove", "again", "--run", folder.Root);

        var result = await RunAsync("add", "again", "--kind", "filter", "--after", "edit", "--run", folder.Root, "--from", "now");

        result
            .Error.Should()
            .Be(
                "error: again was a stage of the kind caption earlier in this run, and is to be one of the kind filter; a name stands for one kind in a run. Choose another name.\n"
            );
    }

    [Fact]
    public async Task Change_that_another_command_asked_for_comes_first()
    {
        using var folder = TopologyRun.Create("running");
        using var held = OutputLock.Take(folder.Root);
        var other = new WantedChange("pause edit", TopologyFrom.Now, now => (now.Pipeline, ["edit"]));
        await Change(folder).ReserveAsync(other, "eve@there", TimeProvider.System, CancellationToken.None);

        var result = await RunAsync("pause", "filter", "--run", folder.Root);

        (result.Code, result.Output).Should().Be((2, ""));
        result.Error.Should().Contain("Version 2 of the topology (pause edit, by eve@there) is not in force yet");
    }

    private static Task<CommandLineResult> RunAsync(params string[] arguments) =>
        CommandLineResult.Of(StageCommand.Create(), ["stage", .. arguments]);

    private static TopologyChange Change(TemporaryFolder folder) =>
        new(new TopologyStore(new Shards.Stores.FolderStore(folder.Root), () => RunSession.Catalog), "0a1b");

    /// <summary>What a process that works on a run does about changes.</summary>
    private static async Task TakesChangesAsync(TemporaryFolder folder, CancellationToken ended)
    {
        var change = Change(folder);
        while (!ended.IsCancellationRequested)
        {
            await change.EnactAsync(null, CancellationToken.None);
            await Task.Yield();
        }
    }
}

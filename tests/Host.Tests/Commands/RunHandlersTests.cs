using Pipeline.Host.Commands;
using Pipeline.Stages.Report;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Host.Tests.Commands;

public sealed class RunHandlersTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Out => Path.Combine(folder.Root, "out");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Run_ends_with_0_its_account_and_a_next_step_and_the_same_command_finds_it_finished()
    {
        var input = folder.WriteImages(3);

        var first = await RunAsync("captions", input);
        var second = await RunAsync("captions", input);

        first.Code.Should().Be(0, first.Error);
        first
            .Output.Should()
            .Contain("caption done, 6 rows")
            .And.Contain("account: samples 6 in = 6 kept")
            .And.Contain("Next: look at a shard");
        second.Code.Should().Be(0);
        second.Output.Should().Contain("nothing was done").And.Contain("account: samples 6 in = 6 kept");
    }

    [Fact]
    public async Task After_clean_the_same_command_computes_what_went()
    {
        var input = folder.WriteImages(3);
        await RunAsync("captions", input);
        var shard = Directory.GetFiles(Path.Combine(Out, "runs"), "00000000.parquet", SearchOption.AllDirectories).First();
        File.Delete(shard);

        var again = await RunAsync("captions", input);

        again.Code.Should().Be(0, again.Error);
        again.Output.Should().Contain("The run is finished.");
        File.Exists(shard).Should().BeTrue();
    }

    [Fact]
    public async Task Second_process_on_one_output_directory_is_refused()
    {
        var input = folder.WriteImages(1);
        using var held = OutputLock.Take(Out);

        var run = await RunAsync("captions", input);

        run.Code.Should().Be(2);
        run.Error.Should().Contain("in use by another process");
        Directory.GetFileSystemEntries(Out).Should().Equal(Path.Combine(Out, OutputLock.Name));
    }

    [Theory]
    [InlineData("edit")]
    [InlineData("edit.")]
    [InlineData("edit.strength")]
    [InlineData("=3")]
    [InlineData("edit.strength=")]
    [InlineData("edit.strengh=3", "Did you mean strength?")]
    [InlineData("foo.bar=3")]
    public async Task Nonsense_for_set_gives_2_and_is_named(string setting, string said = "must be")
    {
        var result = await CommandLineResult.Of(ValidateCommand.Create(RunHandlers.ValidateAsync), "validate", "starter", "--set", setting);

        result.Code.Should().Be(2);
        result.Error.Should().StartWith("error: ").And.Contain(setting).And.Contain(said);
    }

    [Fact]
    public async Task Validate_lists_every_fault_a_line_each()
    {
        var file = folder.Write(
            "bad.yaml",
            "pipeline: x\nstages:\n  ingest: { batsh: 3, unfinished: 0 }\n  caption: { after: ingst, microBatch: 0 }\n"
        );

        var result = await CommandLineResult.Of(ValidateCommand.Create(RunHandlers.ValidateAsync), "validate", file);

        result.Code.Should().Be(2);
        result
            .Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Should()
            .HaveCount(4)
            .And.OnlyContain(line => line.StartsWith("error: ", StringComparison.Ordinal));
        result
            .Error.Should()
            .Contain("Did you mean batch?")
            .And.Contain("Did you mean ingest?")
            .And.Contain("unfinished is 0")
            .And.Contain("microBatch is 0");
    }

    [Fact]
    public async Task Presets_are_listed_with_what_they_do()
    {
        var result = await CommandLineResult.Of(PresetsCommand.Create(RunHandlers.PresetsAsync), "presets");

        result.Code.Should().Be(0);
        result
            .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Should()
            .HaveCount(Presets.All.Count)
            .And.OnlyContain(line => line.Length > 30);
    }

    [Fact]
    public async Task Folder_that_holds_something_else_is_left_as_it_is()
    {
        var input = folder.WriteImages(1);
        folder.Write("out/letter.txt", "");

        var run = await RunAsync("captions", input);

        run.Code.Should().Be(2);
        run.Error.Should().Contain("is not empty and holds no run.json");
        Directory.GetFileSystemEntries(Out).Should().HaveCount(1);
    }

    [Fact]
    public async Task Error_of_the_disk_in_mid_run_gives_1_and_its_reason_and_the_run_is_failed()
    {
        var input = folder.WriteImages(1);
        Directory.CreateDirectory(Path.Combine(Out, "pipeline.yaml"));
        folder.Write("out/run.json", await RunJsonAsync(input));

        var run = await RunAsync("captions", input);

        run.Code.Should().Be(1, run.Error);
        run.Output.Should().Contain("The run is not finished: ").And.Contain("pipeline.yaml").And.Contain("Next: mend the cause");
        (await File.ReadAllTextAsync(Path.Combine(Out, "run.json"))).Should().Contain("\"failed\"");
    }

    [Fact]
    public async Task Interrupted_run_gives_130_says_how_to_go_on_and_goes_on()
    {
        var input = folder.WriteImages(3);
        using var stopped = new CancellationTokenSource();
        await stopped.CancelAsync();

        var cut = await CommandLineResult.Of(RunCommand.Create(RunHandlers.RunAsync), stopped.Token, Arguments("captions", input));
        var whole = await RunAsync("captions", input);

        cut.Code.Should().Be(130);
        cut.Error.Should().Contain("The same command goes on");
        whole.Code.Should().Be(0, whole.Error);
    }

    [Fact]
    public async Task Account_that_does_not_close_fails_the_run_and_says_so()
    {
        RunAccount[] accounts =
        [
            new()
            {
                Of = "samples",
                In = 5,
                Kept = 3,
                Quarantined = 1,
            },
        ];
        await using var output = new StringWriter();

        var code = await RunHandlers.EndAsync(new SessionEnd("a", 0, RunSession.OpenAccount(accounts), false, accounts), Out, output);

        code.Should().Be(1);
        output.ToString().Should().Contain("The run is not finished: the account of the samples does not close").And.Contain("1 missing");
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    public async Task Failed_batches_give_1_and_where_to_look(int failed, int expected)
    {
        await using var output = new StringWriter();

        var code = await RunHandlers.EndAsync(new SessionEnd("a", failed, null, false, []), Out, output);

        code.Should().Be(expected);
        output.ToString().Contains("see why: pipeline failed ", StringComparison.Ordinal).Should().Be(failed > 0);
    }

    [Fact]
    public async Task Summary_gives_mean_and_deviation_over_seeds_and_says_what_began_from_scratch()
    {
        folder.Write("out/report/metrics.json", $"[{Row(0, 0.5)},{Row(1, 0.7)}]");
        await using var output = new StringWriter();

        await RunHandlers.EndAsync(new SessionEnd("a", 0, null, false, []), Out, output);

        output
            .ToString()
            .Should()
            .Contain("0.600 ± 0.141")
            .And.Contain("over 2 seeds")
            .And.Contain("from scratch")
            .And.NotContain("chose the epochs");
    }

    [Fact]
    public void Paths_below_the_working_directory_are_shown_relative_to_it()
    {
        var below = RunSummary.Shown(Path.Combine(Environment.CurrentDirectory, "out", "model"));
        var beside = RunSummary.Shown("/elsewhere/model");

        below.Should().Be(Path.Combine("out", "model"));
        beside.Should().Be("/elsewhere/model");
    }

    private static string Row(int seed, double accuracy) =>
        FormattableString.Invariant(
            $$"""
            {"training":"original","split":"test","seed":{{seed}},"accuracy":{{accuracy}},"balanced_accuracy":0.5,"worst_group":null,
            "macro_f1":0.5,"per_class":{},"per_group":{},"worst_group_name":null,"images":4,"init":"scratch","epochs":1,"selected_epoch":1,"selected_by":"last epoch"}
            """
        );

    private static async Task<string> RunJsonAsync(string input)
    {
        using var other = new TemporaryFolder();
        var made = await CommandLineResult.Of(
            RunCommand.Create(RunHandlers.RunAsync),
            "run",
            "captions",
            "--input",
            input,
            "--output",
            other.Root,
            "--plain"
        );
        made.Code.Should().Be(0);
        return await File.ReadAllTextAsync(Path.Combine(other.Root, "run.json"));
    }

    private string[] Arguments(string pipeline, string input) => ["run", pipeline, "--input", input, "--output", Out, "--plain"];

    private Task<CommandLineResult> RunAsync(string pipeline, string input) =>
        CommandLineResult.Of(RunCommand.Create(RunHandlers.RunAsync), Arguments(pipeline, input));
}

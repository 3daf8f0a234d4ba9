using Pipeline.Host.Commands;

namespace Pipeline.Host.Tests.Commands;

public sealed class RunCommandTests
{
    private static readonly string[] Least = ["run", "starter", "--input", "birds", "--output", "out"];

    [Fact]
    public async Task Every_argument_reaches_the_handler()
    {
        var seen = new Recorder();

        var result = await CommandLineResult.Of(
            RunCommand.Create(seen.Handle),
            [
                .. Least,
                .. (string[])["--seed", "9", "--limit", "3", "--set", "edit.strength=0.5", "--set", "train.init=@scratch"],
                .. (string[])["--dry-run", "--plain", "--max-failed", "12.5", "--follow", "2.5", "--verify"],
            ]
        );

        result.Code.Should().Be(0);
        seen.Request.Should()
            .BeEquivalentTo(
                new RunRequest
                {
                    Pipeline = "starter",
                    Input = "birds",
                    Output = "out",
                    Seed = 9,
                    Limit = 3,
                    Settings = ["edit.strength=0.5", "train.init=@scratch"],
                    DryRun = true,
                    Plain = true,
                    MaxFailedPercent = 12.5,
                    Follow = TimeSpan.FromSeconds(2.5),
                    Verify = true,
                }
            );
    }

    [Fact]
    public async Task Arguments_left_out_have_their_defaults()
    {
        var seen = new Recorder();

        await CommandLineResult.Of(RunCommand.Create(seen.Handle), Least);

        seen.Request.Should()
            .BeEquivalentTo(
                new RunRequest
                {
                    Pipeline = "starter",
                    Input = "birds",
                    Output = "out",
                    MaxFailedPercent = 5,
                }
            );
    }

    [Theory]
    [InlineData("--seed", "0", true)]
    [InlineData("--seed", "-1", false)]
    [InlineData("--seed", "x", false)]
    [InlineData("--limit", "1", true)]
    [InlineData("--limit", "0", false)]
    [InlineData("--max-failed", "0", true)]
    [InlineData("--max-failed", "100", true)]
    [InlineData("--max-failed", "-0.1", false)]
    [InlineData("--max-failed", "100.1", false)]
    [InlineData("--max-failed", "NaN", false)]
    [InlineData("--follow", "1", true)]
    [InlineData("--follow", "0.9", false)]
    [InlineData("--follow", "604801", false)]
    [InlineData("--set", "a.b=", true)]
    [InlineData("--set", "a.b=c=d", true)]
    [InlineData("--set", "a.b", false)]
    [InlineData("--set", "a=c", false)]
    [InlineData("--set", "=c", false)]
    [InlineData("--set", "a..b=c", false)]
    [InlineData("--sett", "a.b=c", false)]
    public async Task Values_are_taken_up_to_their_bounds(string option, string value, bool taken)
    {
        var seen = new Recorder();

        var result = await CommandLineResult.Of(RunCommand.Create(seen.Handle), [.. Least, option, value]);

        result.Code.Should().Be(taken ? 0 : 2);
        result.Error.StartsWith("error: ", StringComparison.Ordinal).Should().Be(!taken);
        (seen.Request is not null).Should().Be(taken);
    }

    [Fact]
    public async Task Missing_options_are_named_and_give_2()
    {
        var result = await CommandLineResult.Of(RunCommand.Create(new Recorder().Handle), "run", "starter", "--input", "birds");

        result.Code.Should().Be(2);
        result.Error.Should().Contain("--output").And.Contain("pipeline run --help");
    }

    [Fact]
    public async Task Exit_code_is_the_handlers()
    {
        var command = RunCommand.Create((_, _, _) => Task.FromResult(ExitCode.FailedBatches));

        var result = await CommandLineResult.Of(command, Least);

        result.Code.Should().Be(1);
    }

    [Fact]
    public async Task Known_error_is_one_line_and_gives_2()
    {
        var command = RunCommand.Create((_, _, _) => throw new UsageException("birds is empty."));

        var result = await CommandLineResult.Of(command, Least);

        result.Code.Should().Be(2);
        result.Error.Should().Be("error: birds is empty." + Environment.NewLine);
    }

    [Fact]
    public async Task Fault_of_the_program_gives_70_and_a_file_with_the_trace()
    {
        var command = RunCommand.Create((_, _, _) => throw new InvalidOperationException("a fault"));

        var result = await CommandLineResult.Of(command, Least);

        var report = Path.Combine(
            Path.GetTempPath(),
            result.Error.Split(' ').Single(word => word.Contains("pipeline-fault", StringComparison.Ordinal)).TrimEnd(';')
        );
        result.Code.Should().Be(70);
        result.Error.Should().StartWith("error: a fault of the program: InvalidOperationException: a fault").And.NotContain("   at ");
        (await File.ReadAllTextAsync(report)).Should().Contain("run starter --input birds").And.Contain("   at ");
        Directory.Delete(Path.GetDirectoryName(report)!, recursive: true);
    }

    [Fact]
    public async Task First_signal_cancels_the_handler_and_gives_130()
    {
        using var interruption = new Interruption();
        var command = RunCommand.Create(
            (_, _, stop) =>
            {
                interruption.Take();
                stop.ThrowIfCancellationRequested();
                return Task.FromResult(0);
            }
        );

        var result = await CommandLineResult.Of(command, interruption.Token, Least);

        result.Code.Should().Be(130);
    }

    [Fact]
    public void Second_signal_ends_the_process()
    {
        using var interruption = new Interruption();

        bool[] holds = [interruption.Take(), interruption.Take()];

        holds.Should().Equal(true, false);
    }

    [Theory]
    [InlineData]
    [InlineData("walk")]
    public async Task No_command_and_an_unknown_one_give_2(params string[] arguments)
    {
        var result = await CommandLineResult.Of(RunCommand.Create(new Recorder().Handle), arguments);

        result.Code.Should().Be(2);
        result.Error.Should().StartWith("error: ").And.Contain("pipeline --help");
    }

    [Fact]
    public async Task Help_is_no_error()
    {
        var result = await CommandLineResult.Of(RunCommand.Create(new Recorder().Handle), "run", "--help");

        result.Code.Should().Be(0);
        result.Output.Should().Contain("--max-failed");
    }

    [Fact]
    public async Task Validate_hands_on_pipeline_and_settings()
    {
        ValidateRequest? seen = null;
        var command = ValidateCommand.Create(
            (request, _, _) =>
            {
                seen = request;
                return Task.FromResult(0);
            }
        );

        await CommandLineResult.Of(command, "validate", "my.yaml", "--set", "a.b=c");

        seen.Should().BeEquivalentTo(new ValidateRequest("my.yaml", ["a.b=c"]));
    }

    private sealed class Recorder
    {
        public RunRequest? Request { get; private set; }

        public Task<int> Handle(RunRequest request, TextWriter output, CancellationToken stop)
        {
            Request = request;
            return Task.FromResult(ExitCode.Done);
        }
    }
}

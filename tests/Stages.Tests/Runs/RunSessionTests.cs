using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Tests.Ingest;

namespace Pipeline.Stages.Tests.Runs;

public sealed class RunSessionTests : IDisposable
{
    private readonly InputFolder input = new();
    private readonly string output = Directory.CreateTempSubdirectory("session-").FullName;

    public RunSessionTests() => input.With("a/0.png", InputFolder.Png(16, 16, 30)).With("a/1.png", InputFolder.Png(16, 16, 200));

    public void Dispose()
    {
        input.Dispose();
        Directory.Delete(output, recursive: true);
    }

    [Theory]
    [InlineData("starter")]
    [InlineData("captions")]
    [InlineData("alia", "train.init=scratch")]
    public void Every_preset_is_a_good_pipeline(string preset, params string[] sets)
    {
        var pipeline = RunSession.Read(preset, sets);

        pipeline.Name.Should().Be(preset);
    }

    [Fact]
    public void The_preset_alia_refuses_to_train_from_nothing_without_being_told_so()
    {
        var read = () => RunSession.Read("alia", []);

        read.Should()
            .Throw<PipelineFileException>()
            .Which.Faults.Should()
            .ContainSingle()
            .Which.Should()
            .StartWith("train.init is missing");
    }

    [Fact]
    public async Task A_finished_run_is_left_alone_until_input_options_or_output_change()
    {
        var first = await RunAsync();
        var again = await RunAsync();
        input.With("a/2.png", InputFolder.Png(16, 16, 90));
        var more = await RunAsync();
        var moreAgain = await RunAsync();
        File.Delete(Directory.GetFiles(output, "00000000.parquet", SearchOption.AllDirectories)[0]);
        var mended = await RunAsync();
        var otherOption = await RunAsync(sets: ["caption.microBatch=2"]);

        first.Should().BeEquivalentTo(new { Fault = (string?)null, Unchanged = false });
        again.Unchanged.Should().BeTrue();
        again.Accounts.Should().BeEquivalentTo(first.Accounts);
        more.Unchanged.Should().BeFalse();
        more.Accounts[0].In.Should().Be(3);
        moreAgain.Unchanged.Should().BeTrue();
        mended.Unchanged.Should().BeFalse();
        otherOption.Unchanged.Should().BeFalse();
        new[] { again, more, moreAgain, mended, otherOption }.Should().OnlyContain(end => end.Run == first.Run);
    }

    [Fact]
    public async Task A_folder_that_holds_something_else_is_not_written_to()
    {
        File.WriteAllText(Path.Combine(output, "thesis.tex"), "");

        var run = () => RunAsync();

        (await run.Should().ThrowAsync<InvalidDataException>()).WithMessage($"{output} is not empty and holds no run.json*");
        Directory.GetFileSystemEntries(output).Should().ContainSingle();
    }

    [Fact]
    public async Task Another_pipeline_or_seed_needs_another_folder()
    {
        await RunAsync();

        var otherPipeline = () => RunAsync("starter");
        var otherSeed = () => RunAsync(seed: 5);

        (await otherPipeline.Should().ThrowAsync<InvalidDataException>()).WithMessage("*holds a run of captions over*this is starter*");
        (await otherSeed.Should().ThrowAsync<InvalidDataException>()).WithMessage("--seed is 5; the run in * has the seed 0.*");
    }

    private Task<SessionEnd> RunAsync(string pipeline = "captions", long? seed = null, IReadOnlyList<string>? sets = null) =>
        RunSession.RunAsync(
            new RunSettings
            {
                Pipeline = pipeline,
                Input = input.Path,
                Output = output,
                Seed = seed,
                Sets = sets ?? [],
            },
            new Unwatched(),
            TimeProvider.System,
            CancellationToken.None
        );

    private sealed class Unwatched : IRunMonitor
    {
        public void Report(RunProgress progress)
        {
            // nobody looks
        }
    }
}

using System.Formats.Tar;
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

    [Fact]
    public async Task Files_that_come_join_a_run_that_is_followed_and_the_next_run_finds_all_its_batches()
    {
        var monitor = new OnceIngested(() =>
            input.With("a/00.png", InputFolder.Png(16, 16, 50)).With("new/0.png", InputFolder.Png(16, 16, 60))
        );

        var followed = await RunAsync(follow: TimeSpan.FromSeconds(5), monitor: monitor);
        var quarantine = File.ReadAllText(
            Directory.GetFiles(Path.Combine(output, "quarantine"), "*.json", SearchOption.AllDirectories).Single()
        );
        File.Delete(input.At("new/0.png"));
        Directory.Delete(input.At("new"));
        var counting = new OnceIngested(() => { });
        var again = await RunAsync(monitor: counting);

        followed
            .Accounts[0]
            .Should()
            .BeEquivalentTo(
                new
                {
                    In = 4,
                    Kept = 3,
                    Quarantined = 1,
                }
            );
        quarantine.Should().Contain("new-class").And.Contain("new/0.png is of the class new");
        again.Accounts[0].Should().BeEquivalentTo(new { In = 3, Kept = 3 });
        counting.Last!.Stages.Single(stage => stage.Stage == "caption").Should().BeEquivalentTo(new { Done = 2, Reused = 2 });
    }

    [Fact]
    public async Task Tar_that_comes_joins_a_run_that_is_followed()
    {
        Directory.Delete(input.At("a"), recursive: true);
        Tar("train-0.tar", 30);

        var followed = await RunAsync(follow: TimeSpan.FromSeconds(4), monitor: new OnceIngested(() => Tar("train-1.tar", 60)));
        var counting = new OnceIngested(() => { });
        var again = await RunAsync(monitor: counting);

        (followed.Accounts[0].Kept, again.Accounts[0].Kept).Should().Be((2, 2));
        counting.Last!.Stages.Single(stage => stage.Stage == "caption").Should().BeEquivalentTo(new { Done = 2, Reused = 2 });
    }

    private void Tar(string name, byte grey)
    {
        using var tar = new TarWriter(File.Create(input.At(name)), TarEntryFormat.Ustar);
        foreach (var (member, bytes) in new[] { ("1.png", InputFolder.Png(16, 16, grey)), ("1.cls", "a"u8.ToArray()) })
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, member) { DataStream = new MemoryStream(bytes) });
    }

    [Fact]
    public async Task What_comes_after_the_walk_is_seen_by_the_next_run()
    {
        var first = await RunAsync(monitor: new OnceIngested(() => input.With("a/2.png", InputFolder.Png(16, 16, 50))));

        var second = await RunAsync();

        (first.Accounts[0].In, second.Accounts[0].In).Should().Be((2, 3));
        second.Unchanged.Should().BeFalse();
    }

    [Fact]
    public async Task Followed_run_cannot_divide_by_shares()
    {
        var run = () => RunAsync(sets: ["ingest.testShare=0.5"], follow: TimeSpan.FromSeconds(1));

        await run.Should().ThrowAsync<Pipeline.Stages.Ingest.InputException>().WithMessage("--follow and ingest.validationShare*");
    }

    private Task<SessionEnd> RunAsync(
        string pipeline = "captions",
        long? seed = null,
        IReadOnlyList<string>? sets = null,
        TimeSpan? follow = null,
        IRunMonitor? monitor = null
    ) =>
        RunSession.RunAsync(
            new RunSettings
            {
                Pipeline = pipeline,
                Input = input.Path,
                Output = output,
                Seed = seed,
                Sets = sets ?? [],
                Follow = follow,
            },
            monitor ?? new Unwatched(),
            TimeProvider.System,
            CancellationToken.None
        );

    /// <summary>Does something once, when ingest has its first batch.</summary>
    private sealed class OnceIngested(Action act) : IRunMonitor
    {
        private int done;

        public RunProgress? Last { get; private set; }

        public void Report(RunProgress progress)
        {
            Last = progress;
            if (progress.Stages[0].Done > 0 && Interlocked.Exchange(ref done, 1) == 0)
                act();
        }
    }

    private sealed class Unwatched : IRunMonitor
    {
        public void Report(RunProgress progress)
        {
            // nobody looks
        }
    }
}

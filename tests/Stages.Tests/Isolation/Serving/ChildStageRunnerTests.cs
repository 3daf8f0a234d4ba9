using Pipeline.Stages.Ingest;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Topology;
using Pipeline.Stages.Tests.Runs;
using Pipeline.Stages.Tests.Transport;
using Pipeline.Stages.Transport.Embedded;

namespace Pipeline.Stages.Tests.Isolation.Serving;

/// <summary>Runs of which one stage is served by children, which die.</summary>
public sealed class ChildStageRunnerTests : IDisposable
{
    private const string Yaml = "pipeline: words\nstages:\n  ingest: { batch: 2 }\n  word: { after: ingest }\n";
    private readonly ServedRun run = Run(Precautions.None);
    private readonly TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Dispose()
    {
        released.TrySetResult();
        run.Dispose();
    }

    [Fact]
    public async Task Stage_in_a_child_writes_what_it_writes_in_this_process_and_its_counts_are_seen()
    {
        using var here = new ServedRun(8);
        await here.ServeAsync(Yaml, [new WordKind("word", Word)]);
        var apart = new ServedApart(new WordKind("word", Word));

        var end = await run.ServeAsync(Yaml, [apart]);

        end.Should().Be(new RunEnd(0, null));
        apart.Children.Count.Should().Be(1);
        (await run.WordsAsync("word")).Should().Equal(await here.WordsAsync("word"));
        var progress = run.Last!.Stages.Single(stage => stage.Stage == "word");
        (progress.Done, progress.Items, progress.State).Should().Be((4, 8, "done"));
        progress.MicroBatchFill.Should().BeInRange(0.1, 1);
        run.Notices.Should().BeEmpty();
    }

    [Fact]
    public async Task Child_that_dies_in_a_call_costs_nothing_but_time()
    {
        ServedApart? apart = null;
        var deaths = 0;
        string DieOnce(string uri)
        {
            if (uri.Contains("0003", StringComparison.Ordinal) && Interlocked.Increment(ref deaths) == 1)
            {
                apart!.Last.Die("signal 11 (SIGSEGV)");
                released.Task.Wait(TimeSpan.FromMinutes(1));
            }

            return Word(uri);
        }

        apart = new ServedApart(new WordKind("word", DieOnce));

        var end = await run.ServeAsync(Yaml, [apart]);

        end.Should().Be(new RunEnd(0, null));
        apart.Children.Count.Should().Be(2);
        (await run.WordsAsync("word")).Should().HaveCount(8).And.OnlyHaveUniqueItems();
        run.Notices.Should()
            .Contain("word: its process has ended: signal 11 (SIGSEGV). What it held was given back; another one begins after 1 s.");
    }

    [Fact]
    public async Task Stage_whose_children_die_again_and_again_counts_as_stopped_and_ends_the_run_when_nothing_else_goes_on()
    {
        ServedApart? apart = null;
        string Die(string uri)
        {
            apart!.Last.Die("exit code 3");
            released.Task.Wait(TimeSpan.FromMinutes(1));
            return uri;
        }

        apart = new ServedApart(new WordKind("word", Die));

        var end = await run.ServeAsync(Yaml, [apart]);

        end.Fault.Should().StartWith("word is stopped: 10 processes in a row ended, the last because: exit code 3.");
        apart.Children.Count.Should().Be(10);
        run.Notices.Should().Contain(notice => notice.EndsWith("another one begins after 60 s.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Child_that_says_why_it_cannot_begin_has_the_stage_stopped_for_that_reason()
    {
        var without = new StageCatalog([new IngestKind()]);
        var apart = new ServedApart(new WordKind("word", Word)) { Instead = _ => MemoryChild.Serving(without, run.Clock) };

        var end = await run.ServeAsync(Yaml, [apart]);

        end.Fault.Should().StartWith("word is stopped: 6 processes in a row ended, the last because: PipelineFileException: ");
    }

    [Fact]
    public async Task Child_that_cannot_be_started_has_the_stage_stopped_for_that_reason()
    {
        var apart = new ServedApart(new WordKind("word", Word)) { Instead = _ => throw new FileNotFoundException("no program") };

        var end = await run.ServeAsync(Yaml, [apart]);

        end.Fault.Should().StartWith("word is stopped: 6 processes in a row ended, the last because: it could not be started: no program.");
    }

    [Fact]
    public async Task Child_that_is_not_ready_in_time_is_ended_and_another_one_begins()
    {
        var apart = new ServedApart(new WordKind("word", Word))
        {
            Limit = TimeSpan.FromMinutes(5),
            Instead = number => number == 1 ? MemoryChild.Mute() : null,
        };

        var end = await run.ServeAsync(Yaml, [apart]);

        end.Should().Be(new RunEnd(0, null));
        apart.Children.Count.Should().Be(2);
        run.Notices.Should().Contain(notice => notice.Contains("it was not ready within 300 s", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Child_in_which_a_call_hangs_fails_that_batch_and_makes_way_for_another_one()
    {
        string HangOnce(string uri)
        {
            if (uri.Contains("0003", StringComparison.Ordinal))
            {
                released.Task.Wait(TimeSpan.FromMinutes(1));
            }

            return Word(uri);
        }

        var apart = new ServedApart(new WordKind("word", HangOnce));
        using var limited = Run(new Precautions { TimeLimit = TimeSpan.FromMinutes(2) }, samples: 40); // more than one child takes

        var end = await limited.ServeAsync(Yaml, [apart], maxFailed: 50);

        end.Should().Be(new RunEnd(1, null));
        apart.Children.Count.Should().Be(2);
        (await limited.WordsAsync("word")).Should().HaveCount(38).And.NotContain("0003");
        limited
            .Notices.Should()
            .Contain(notice =>
                notice.Contains("InferAsync", StringComparison.Ordinal) && notice.Contains("120 s; it must", StringComparison.Ordinal)
            );
    }

    [Fact]
    public async Task Drained_child_finishes_what_it_took_and_takes_nothing_more()
    {
        using var called = new SemaphoreSlim(0);
        string Wait(string uri)
        {
            called.Release();
            released.Task.Wait(TimeSpan.FromMinutes(1));
            return Word(uri);
        }

        var apart = new ServedApart(new WordKind("word", Wait));
        await using var transport = new EmbeddedTransport();
        await using var serving = await ServeAsync(apart, transport);
        await called.WaitAsync(Deliveries.Limit);

        var draining = serving.DrainAsync(CancellationToken.None);
        var early = draining.IsCompleted;
        released.SetResult();
        await draining.WaitAsync(Deliveries.Limit);

        early.Should().BeFalse();
        (await transport.DepthAsync("run.r1.word", CancellationToken.None)).Unsettled.Should().Be(0);
        (await run.WordsAsync("word")).Should().NotBeEmpty();
    }

    [Fact]
    public async Task Child_that_does_not_leave_is_ended_and_what_it_held_is_given_back()
    {
        using var called = new SemaphoreSlim(0);
        string Wait(string uri)
        {
            called.Release();
            released.Task.Wait(TimeSpan.FromMinutes(1));
            return Word(uri);
        }

        var apart = new ServedApart(new WordKind("word", Wait));
        await using var transport = new EmbeddedTransport();
        var serving = await ServeAsync(apart, transport);
        await called.WaitAsync(Deliveries.Limit);

        await serving.DisposeAsync().AsTask().WaitAsync(Deliveries.Limit);

        (await Deliveries.DepthAsync(transport, "run.r1.word", 4, 0)).Unsettled.Should().Be(0);
        (await apart.Last.EndAsync().WaitAsync(Deliveries.Limit)).Should().Be("signal 9");
    }

    private async Task<StageServing> ServeAsync(ServedApart apart, EmbeddedTransport transport)
    {
        var pipeline = PipelineFile.Read(Yaml, "test", new StageCatalog([new IngestKind(), apart]), []);
        await RunTopology.DeclareAsync(transport, ServedRun.Id, TopologyHistory.Of(pipeline), CancellationToken.None);
        var serving = new StageServing(run.Site(pipeline, transport, new BatchCredits(64)), _ => true);
        await serving.StartReadyAsync();
        return serving;
    }

    /// <summary>With the pipeline in its output directory, as a run has it, where children read what was changed of it.</summary>
    private static ServedRun Run(Precautions precautions, int samples = 8)
    {
        var served = new ServedRun(samples)
        {
            Clock = new ShortPauses(),
            Precautions = kind => kind.Name == "word" ? precautions : Precautions.None,
        };
        File.WriteAllText(Path.Combine(served.Output, "pipeline.yaml"), Yaml);
        return served;
    }

    private static string Word(string uri) => Path.GetFileNameWithoutExtension(uri);
}

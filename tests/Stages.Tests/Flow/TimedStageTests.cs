using System.Diagnostics;
using Pipeline.Messages;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Tests.Runs;

namespace Pipeline.Stages.Tests.Flow;

/// <summary>A stage whose calls do not come back.</summary>
public sealed class TimedStageTests : IDisposable
{
    private static readonly FlowOptions Options = new(MicroBatch: 8, Workers: 2, Lanes: 1, Prefetch: 2);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);
    private readonly ManualResetEventSlim released = new();

    public void Dispose() => released.Set(); // not disposed: threads that were left behind wait for it

    [Fact]
    public async Task Batch_whose_model_call_hangs_fails_after_its_limit_and_the_next_one_is_done()
    {
        await using var site = await FlowSite.OpenAsync();
        var stage = new Shout { Refused = word => word == "hang" && Hang() };
        await using var graph = await site.StartAsync(stage, Options with { Workers = 1 }, Limited(site));

        await site.PublishAsync(0, "one", "hang", "two", "three");
        var failed = await site.NextAsync<BatchFailed>();
        await site.PublishAsync(1, "four");
        var ready = await site.NextAsync<BatchReady>();

        (failed.Batch, failed.Error, ready.Batch).Should().Be((0, "TimeLimit", 1));
        failed
            .Message.Should()
            .Be(
                "shout batch 0: InferAsync of 4 items, the first 0-0, has not come back within 0.2 s; it must. Look at the stage's code and at the "
                    + "samples of the batch; where it needs longer, raise --plugins-time-limit. Then replay the batch."
            );
        stage.Calls.Should().HaveCount(2, "a call that hangs is not cut in halves");
        site.Quarantine(0).Should().BeEmpty();
        site.Notices.Should().ContainSingle().Which.Should().Contain("Its thread stays with it until it comes back or this process ends");
    }

    [Fact]
    public async Task Batch_that_shares_a_call_with_one_that_hangs_is_done()
    {
        await using var site = await FlowSite.OpenAsync();
        using var held = new SemaphoreSlim(0);
        var other = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stage = new Shout
        {
            Unpreparable = word =>
            {
                if (word == "last")
                {
                    held.Wait();
                }
                else if (word == "hang")
                {
                    other.TrySetResult();
                }

                return false;
            },
            Refused = word => word == "hang" && Hang(),
        };
        var context = Limited(site) with { TimeLimit = TimeSpan.FromSeconds(5) };
        await using var graph = await site.StartAsync(stage, Options, context);

        await site.PublishAsync(0, "one", "last");
        await site.PublishAsync(1, "two", "hang");
        await other.Task.WaitAsync(TimeSpan.FromSeconds(20));
        held.Release();
        var outcomes = new[] { await site.NextAsync(), await site.NextAsync() };

        outcomes.Select(outcome => outcome.Type).Should().BeEquivalentTo(nameof(BatchReady), nameof(BatchFailed));
        (await site.TextsAsync(0)).Should().Equal("ONE", "LAST");
        stage.Calls[0].Should().BeEquivalentTo("one", "last", "two", "hang");
    }

    [Fact]
    public async Task Batch_whose_call_hangs_while_it_waits_fails_and_its_token_is_cancelled()
    {
        await using var site = await FlowSite.OpenAsync();
        var cancelled = new TaskCompletionSource();
        var stage = new Shout
        {
            During = async stop =>
            {
                stop.Register(() => cancelled.TrySetResult());
                await Task.Delay(Timeout.Infinite, CancellationToken.None);
            },
        };
        await using var graph = await site.StartAsync(stage, Options, Limited(site));

        await site.PublishAsync(0, "one");

        (await site.NextAsync<BatchFailed>()).Error.Should().Be("TimeLimit");
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Batch_whose_Prepare_hangs_fails_as_a_whole_and_its_other_rows_are_not_waited_for()
    {
        await using var site = await FlowSite.OpenAsync();
        var stage = new Shout { Unpreparable = word => word == "hang" && Hang() };
        await using var graph = await site.StartAsync(stage, Options, Limited(site));
        var started = Stopwatch.GetTimestamp();

        await site.PublishAsync(0, [.. Enumerable.Repeat("hang", 100)]);
        var failed = await site.NextAsync<BatchFailed>();
        var took = Stopwatch.GetElapsedTime(started);
        await site.PublishAsync(1, "one");
        await site.NextAsync<BatchReady>();

        failed.Message.Should().StartWith("shout batch 0: Prepare of 0-").And.Contain("within 0.2 s");
        took.Should().BeLessThan(TimeSpan.FromSeconds(8), "100 rows of which each was waited for would take 10 s");
        site.Quarantine(0).Should().BeEmpty();
    }

    [Fact]
    public async Task Batch_whose_Finish_hangs_fails()
    {
        await using var site = await FlowSite.OpenAsync();
        var stage = new Shout { Unfinishable = word => word == "hang" && Hang() };
        await using var graph = await site.StartAsync(stage, Options, Limited(site));

        await site.PublishAsync(0, "one", "hang");
        var failed = await site.NextAsync<BatchFailed>();

        failed.Message.Should().StartWith("shout batch 0: Finish of 0-1 has not come back");
    }

    [Fact]
    public async Task What_a_call_in_time_gives_or_throws_is_as_without_a_limit()
    {
        await using var site = await FlowSite.OpenAsync();
        var stage = new Shout { Unpreparable = word => word == "odd", Refused = word => word == "bad" };
        await using var graph = await site.StartAsync(stage, Options, Limited(site) with { TimeLimit = TimeSpan.FromMinutes(1) });

        await site.PublishAsync(0, "one", "odd", "bad", "two+three", "");
        await site.NextAsync<BatchReady>();

        (await site.TextsAsync(0)).Should().Equal("ONE", "TWO", "THREE");
        site.Quarantine(0).Select(row => row.Kind).Should().Equal("FormatException", "ArithmeticException");
    }

    [Fact]
    public async Task Whoever_ends_the_process_is_told_instead_of_people()
    {
        await using var site = await FlowSite.OpenAsync();
        var told = new List<string>();
        var stage = new Shout { Refused = _ => Hang() };
        await using var graph = await site.StartAsync(stage, Options, Limited(site) with { Hung = told.Add });

        await site.PublishAsync(0, "one");
        await site.NextAsync<BatchFailed>();

        told.Should().ContainSingle().Which.Should().StartWith("shout batch 0: InferAsync of 1 items");
        site.Notices.Should().BeEmpty();
    }

    [Fact]
    public async Task Graph_that_stops_does_not_wait_for_a_call_that_hangs()
    {
        await using var site = await FlowSite.OpenAsync();
        var called = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stage = new Shout
        {
            Refused = _ =>
            {
                called.TrySetResult();
                return Hang();
            },
        };
        var context = Limited(site) with { TimeLimit = TimeSpan.FromDays(1), Clock = new ShortPauses() };
        var graph = await site.StartAsync(stage, Options, context);
        await site.PublishAsync(0, "one");
        await called.Task;

        await graph.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));

        (await site.DepthAsync(1, 0)).Ready.Should().Be(1, "what was not finished is given back");
    }

    [Fact]
    public async Task Without_a_limit_the_stage_is_called_itself()
    {
        await using var site = await FlowSite.OpenAsync();
        var stage = new Shout();

        var timed = TimedStage<WordInput, string, string, ShoutedRow>.Of(stage, site.Context(), CancellationToken.None);

        timed.Should().BeSameAs(stage);
    }

    private static FlowContext Limited(FlowSite site) => site.Context() with { TimeLimit = Short, Clock = TimeProvider.System };

    private bool Hang()
    {
        released.Wait();
        return false;
    }
}

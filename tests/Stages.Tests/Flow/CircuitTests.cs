using Pipeline.Messages;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Tests.Runs;
using Pipeline.Stages.Tests.Transport;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Tests.Flow;

/// <summary>A stage of which batch after batch fails stops taking them, and tries one from time to time.</summary>
public sealed class CircuitTests
{
    private static readonly FlowOptions Options = new(MicroBatch: 4, Workers: 1, Lanes: 1, Prefetch: 1) { FailuresInRow = 3 };

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void So_many_failures_in_a_row_open_it(int failures, bool expected)
    {
        var circuit = new Circuit(3);

        Fail(circuit, failures);

        (circuit.IsOpen, circuit.Opened.IsCompleted).Should().Be((expected, expected));
        circuit.Reason.Should().Be($"{failures} batches in a row failed, the last with ArithmeticException: error {failures - 1}");
    }

    [Fact]
    public void A_success_begins_the_count_anew_and_closes_it()
    {
        var circuit = new Circuit(3);
        Fail(circuit, 2);
        circuit.Succeeded();
        Fail(circuit, 2);
        var before = circuit.IsOpen;
        Fail(circuit, 1);
        var open = circuit.IsOpen;

        circuit.Succeeded();

        (before, open, circuit.IsOpen, circuit.Opened.IsCompleted, circuit.Outcomes).Should().Be((false, true, false, false, 7));
    }

    [Fact]
    public async Task A_stopped_stage_holds_no_batch_and_goes_on_when_a_batch_succeeds()
    {
        await using var site = await FlowSite.OpenAsync();
        var clock = new ManualClock();
        var broken = true;
        var stage = new Shout { Refused = _ => broken };
        await using var runner = site.Runner(stage, Options, clock);
        await PublishAsync(site, 7);
        await runner.StartAsync(CancellationToken.None);
        await FailAsync(site, 3);

        var stopped = await site.NextAsync<StageStopped>();

        (stopped.Stage, stopped.Probes).Should().Be(("shout", 0));
        stopped.Reason.Should().Be("3 batches in a row failed, the last with ArithmeticException: a cannot be shouted.");
        (await site.DepthAsync(4, 0)).Should().Be(new QueueDepth(4, 0));
        site.Notices.Should()
            .Equal($"shout is stopped: {stopped.Reason}. One batch is tried after 30 s. Mend the cause; it goes on by itself then.");
        broken = false;
        await clock.TimersAsync(1);
        clock.Advance(TimeSpan.FromSeconds(30));
        (await site.ReadyAsync(4)).Select(ready => ready.Batch).Should().Equal(3, 4, 5, 6);
        (await site.DepthAsync(0, 0)).Should().Be(new QueueDepth(0, 0));
        site.Notices.Last().Should().BeNull();
    }

    [Fact]
    public async Task A_batch_that_is_tried_and_fails_doubles_the_pause()
    {
        await using var site = await FlowSite.OpenAsync();
        var clock = new ManualClock();
        await using var runner = site.Runner(new Shout { Refused = _ => true }, Options, clock);
        await PublishAsync(site, 9);
        await runner.StartAsync(CancellationToken.None);
        await FailAsync(site, 3);
        await site.NextAsync<StageStopped>();

        foreach (var (seconds, probes) in new[] { (30, 1), (60, 2), (120, 3), (240, 4), (300, 5), (300, 6) })
        {
            await clock.TimersAsync(1);
            clock.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(1));
            (await site.DepthAsync(7 - probes, 0)).Should().Be(new QueueDepth(7 - probes, 0));
            clock.Advance(TimeSpan.FromTicks(1));
            await FailAsync(site, 1);
            (await site.NextAsync<StageStopped>()).Probes.Should().Be(probes);
        }
    }

    [Fact]
    public async Task Batches_in_flight_when_it_opens_are_given_back_and_not_failed()
    {
        await using var site = await FlowSite.OpenAsync();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var options = Options with { FailuresInRow = 1, Prefetch = 8, MicroBatch = 2 };
        await using var runner = site.Runner(new Shout { Refused = _ => true, During = _ => release.Task }, options, new ManualClock());
        await PublishAsync(site, 8);
        await runner.StartAsync(CancellationToken.None);
        await site.DepthAsync(0, 8);

        release.SetResult();

        await site.NextAsync<BatchFailed>();
        var failed = 1;
        while ((await site.NextAsync()).Type == nameof(BatchFailed))
        {
            failed++;
        }

        failed.Should().BeLessThanOrEqualTo(2, "two are written at one time");
        (await site.DepthAsync(8 - failed, 0)).Should().Be(new QueueDepth(8 - failed, 0));
    }

    [Fact]
    public async Task A_stopped_stage_that_is_disposed_ends()
    {
        await using var site = await FlowSite.OpenAsync();
        var runner = site.Runner(new Shout { Refused = _ => true }, Options, new ManualClock());
        await PublishAsync(site, 4);
        await runner.StartAsync(CancellationToken.None);
        await FailAsync(site, 3);
        await site.NextAsync<StageStopped>();

        await runner.DrainAsync(CancellationToken.None).WaitAsync(Deliveries.Limit);
        await runner.DisposeAsync().AsTask().WaitAsync(Deliveries.Limit);

        (await site.DepthAsync(1, 0)).Should().Be(new QueueDepth(1, 0));
    }

    private static void Fail(Circuit circuit, int times)
    {
        for (var time = 0; time < times; time++)
        {
            circuit.Failed(new ArithmeticException($"error {time}"));
        }
    }

    private static async Task PublishAsync(FlowSite site, int batches)
    {
        for (var batch = 0; batch < batches; batch++)
        {
            await site.PublishAsync(batch, "a", "b");
        }
    }

    private static async Task FailAsync(FlowSite site, int times)
    {
        for (var time = 0; time < times; time++)
        {
            await site.NextAsync<BatchFailed>();
        }
    }
}

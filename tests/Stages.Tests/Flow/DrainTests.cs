using System.Collections.Concurrent;
using Pipeline.Messages;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Tests.Transport;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Tests.Flow;

/// <summary>A host that is to end finishes what it has, within a limit, and gives the rest back.</summary>
public sealed class DrainTests : IDisposable
{
    private static readonly FlowOptions TwoLanes = new(MicroBatch: 1, Workers: 2, Lanes: 2, Prefetch: 2);

    private readonly ConcurrentQueue<string> shouted = [];
    private readonly CountdownEvent inside = new(2);
    private readonly TaskCompletionSource release = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Dispose() => inside.Dispose();

    [Fact]
    public async Task What_is_inside_is_finished_and_nothing_new_is_taken()
    {
        await using var site = await FlowSite.OpenAsync();
        await PublishAsync(site, 6);
        await using var runner = site.Runner(Held(), TwoLanes);
        await runner.StartAsync(CancellationToken.None);
        inside.Wait(Deliveries.Limit);

        var drained = runner.DrainAsync(CancellationToken.None);
        var early = drained.IsCompleted;
        release.SetResult();
        await drained.WaitAsync(Deliveries.Limit);

        early.Should().BeFalse();
        (await site.DepthAsync(4, 0)).Should().Be(new QueueDepth(4, 0));
        (await site.ReadyAsync(2)).Select(ready => ready.Batch).Should().Equal(0, 1);
        await using var next = site.Runner(new Shout { During = Note }, TwoLanes);
        await next.StartAsync(CancellationToken.None);
        (await site.ReadyAsync(4))
            .Select(ready => (ready.Batch, ready.Reused))
            .Should()
            .Equal((2, false), (3, false), (4, false), (5, false));
        (await site.DepthAsync(0, 0)).Should().Be(new QueueDepth(0, 0));
        (shouted.Count, site.OutcomesWaiting).Should().Be((6, 0));
    }

    [Fact]
    public async Task A_limit_that_passes_leaves_the_rest_to_the_next_host()
    {
        await using var site = await FlowSite.OpenAsync();
        await PublishAsync(site, 6);
        using var limit = new CancellationTokenSource();
        await using (var runner = site.Runner(Held(), TwoLanes))
        {
            await runner.StartAsync(CancellationToken.None);
            inside.Wait(Deliveries.Limit);

            var drained = runner.DrainAsync(limit.Token);
            var early = drained.IsCompleted;
            await limit.CancelAsync();
            await drained.WaitAsync(Deliveries.Limit);

            early.Should().BeFalse();
            (await site.DepthAsync(4, 2)).Should().Be(new QueueDepth(4, 2));
        }

        (await site.DepthAsync(6, 0)).Should().Be(new QueueDepth(6, 0));
        await using var next = site.Runner(new Shout(), TwoLanes);
        await next.StartAsync(CancellationToken.None);
        (await site.ReadyAsync(6)).Select(ready => ready.Batch).Should().Equal(0, 1, 2, 3, 4, 5);
        (await site.DepthAsync(0, 0)).Should().Be(new QueueDepth(0, 0));
        site.OutcomesWaiting.Should().Be(0);
    }

    [Fact]
    public async Task With_nothing_inside_it_is_done_at_once_and_takes_nothing_from_then_on()
    {
        await using var site = await FlowSite.OpenAsync();
        await using var runner = site.Runner(new Shout(), TwoLanes);
        await runner.StartAsync(CancellationToken.None);
        await PublishAsync(site, 1);
        await site.NextAsync<BatchReady>();

        await runner.DrainAsync(CancellationToken.None).WaitAsync(Deliveries.Limit);
        await PublishAsync(site, 1);

        (await site.DepthAsync(1, 0)).Should().Be(new QueueDepth(1, 0));
    }

    [Fact]
    public async Task One_that_was_never_started_is_drained()
    {
        await using var site = await FlowSite.OpenAsync();
        await using var runner = site.Runner(new Shout(), TwoLanes);

        var drained = runner.DrainAsync(CancellationToken.None);

        drained.IsCompletedSuccessfully.Should().BeTrue();
    }

    private static async Task PublishAsync(FlowSite site, int batches)
    {
        for (var batch = 0; batch < batches; batch++)
        {
            await site.PublishAsync(batch, "word");
        }
    }

    /// <summary>A stage whose calls end when they are released or stopped.</summary>
    private Shout Held() =>
        new()
        {
            During = async stop =>
            {
                inside.Signal();
                await release.Task.WaitAsync(stop);
                await Note(stop);
            },
        };

    private Task Note(CancellationToken stop)
    {
        shouted.Enqueue("word");
        return Task.CompletedTask;
    }
}

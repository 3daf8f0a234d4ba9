using Pipeline.Stages.Flow;
using Pipeline.Stages.Tests.Transport;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Tests.Flow;

/// <summary>What becomes of batches when a graph stops in their midst.</summary>
public sealed class StageGraphStopTests
{
    private readonly TaskCompletionSource entered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task What_was_not_finished_goes_to_the_next_consumer_and_nothing_is_acknowledged()
    {
        await using var site = await FlowSite.OpenAsync();
        var graph = await site.StartAsync(
            new Shout
            {
                During = stop =>
                {
                    entered.TrySetResult();
                    return Task.Delay(Timeout.Infinite, stop);
                },
            }
        );
        for (var batch = 0; batch < 6; batch++)
        {
            await site.PublishAsync(batch, "one", "two", "three");
        }

        await entered.Task.WaitAsync(Deliveries.Limit);
        await graph.DisposeAsync().AsTask().WaitAsync(Deliveries.Limit);

        (await site.DepthAsync(6, 0)).Should().Be(new QueueDepth(6, 0));
        (await site.Store.ListAsync("runs/r/shout")).Should().BeEmpty();
        await using var next = await site.StartAsync(new Shout());
        (await site.ReadyAsync(6))
            .Select(ready => (ready.Batch, ready.Reused))
            .Should()
            .Equal(Enumerable.Range(0, 6).Select(batch => (batch, false)));
        (await site.DepthAsync(0, 0)).Should().Be(new QueueDepth(0, 0));
        site.OutcomesWaiting.Should().Be(0);
    }

    [Fact]
    public async Task A_call_that_does_not_heed_the_stop_is_waited_for_and_none_is_begun_after_it()
    {
        await using var site = await FlowSite.OpenAsync();
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stage = new Shout
        {
            During = _ =>
            {
                entered.TrySetResult();
                return release.Task;
            },
        };
        var graph = await site.StartAsync(stage, new FlowOptions(MicroBatch: 1, Workers: 2, Lanes: 1, Prefetch: 4));
        await site.PublishAsync(0, "one", "two", "three", "four", "five");
        await entered.Task.WaitAsync(Deliveries.Limit);

        var stopping = graph.DisposeAsync().AsTask();
        var early = stopping.IsCompleted;
        release.SetResult();
        await stopping.WaitAsync(Deliveries.Limit);

        early.Should().BeFalse();
        stage.Calls.Should().HaveCount(1);
        (await site.DepthAsync(1, 0)).Should().Be(new QueueDepth(1, 0));
    }

    [Fact]
    public async Task A_stop_while_the_store_is_full_leaves_the_batch_to_the_next_consumer()
    {
        await using var site = await FlowSite.OpenAsync();
        var message = await site.WriteAsync(0, [new WordRow("s", "one")]);
        site.AtWrite = (_, uri) =>
        {
            entered.TrySetResult();
            throw new Shards.Stores.StoreFullException(uri, new IOException("full"));
        };
        var graph = await site.StartAsync(new Shout());
        await site.PublishAsync(message);
        await entered.Task.WaitAsync(Deliveries.Limit);

        await graph.DisposeAsync().AsTask().WaitAsync(Deliveries.Limit);

        (await site.DepthAsync(1, 0)).Should().Be(new QueueDepth(1, 0));
        site.OutcomesWaiting.Should().Be(0);
    }

    [Fact]
    public async Task A_delivery_that_comes_after_the_stop_is_left_to_the_consumer()
    {
        await using var site = await FlowSite.OpenAsync();
        var graph = new StageGraph<WordInput, string, string, ShoutedRow>(new Shout(), site.Context(), new FlowOptions(1, 1, 1, 1));
        await graph.DisposeAsync();
        var delivery = new UnsettledDelivery(await site.WriteAsync(0, []));

        await graph.AcceptAsync(delivery);

        // Given back, it would come again at once, and again, until the consumer ends.
        delivery.Settled.Should().Be(0);
    }
}

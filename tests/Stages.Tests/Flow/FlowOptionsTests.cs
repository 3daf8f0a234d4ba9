using Pipeline.Stages.Flow;
using Pipeline.Stages.Tests.Transport;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Tests.Flow;

public sealed class FlowOptionsTests
{
    [Theory]
    [InlineData(16, 1, 64, 1)]
    [InlineData(64, 1, 64, 1)]
    [InlineData(65, 1, 64, 2)]
    [InlineData(16, 4, 64, 1)]
    [InlineData(16, 5, 64, 2)]
    [InlineData(1, 65_534, 1, 65_534)]
    public void What_fills_a_call_in_every_lane_is_held_and_one_batch_more(int microBatch, int lanes, int batchRows, int filling)
    {
        var ahead = FlowOptions.Of(microBatch, 3, lanes, batchRows);
        var free = FlowOptions.Of(microBatch, 3, lanes, batchRows, takesWhenFree: true);

        ahead.Should().Be(new FlowOptions(microBatch, 3, lanes, filling + 1));
        free.Should().Be(new FlowOptions(microBatch, 3, lanes, filling));
    }

    [Fact]
    public void No_more_are_held_than_a_broker_can_count()
    {
        var options = FlowOptions.Of(microBatch: 1024, workers: 1, lanes: 256, batchRows: 1);

        options.Prefetch.Should().Be(65_535);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public async Task A_host_whose_call_is_stuck_holds_what_it_has_begun_and_others_take_the_rest(bool takesWhenFree, int held)
    {
        await using var site = await FlowSite.OpenAsync();
        for (var batch = 0; batch < 10; batch++)
        {
            await site.PublishAsync(batch, "one", "two");
        }

        var options = FlowOptions.Of(microBatch: 2, workers: 1, lanes: 1, batchRows: 2, takesWhenFree);
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stuck = new Shout
        {
            During = stop =>
            {
                entered.TrySetResult();
                return Task.Delay(Timeout.Infinite, stop);
            },
        };
        await using var first = await site.StartAsync(stuck, options);
        await entered.Task.WaitAsync(Deliveries.Limit);

        await using var other = await site.StartAsync(new Shout(), options);

        (await site.ReadyAsync(10 - held)).Select(ready => ready.Batch).Should().Equal(Enumerable.Range(held, 10 - held));
        (await site.DepthAsync(0, held)).Should().Be(new QueueDepth(0, held));
        site.OutcomesWaiting.Should().Be(0);
    }
}

using Pipeline.Messages;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Tests.Transport;

namespace Pipeline.Stages.Tests.Flow;

/// <summary>A delivery whose connection is gone comes again, and its batch may be worked on here and elsewhere at one time.</summary>
public sealed class LostDeliveryTests : IDisposable
{
    private static readonly FlowOptions Options = new(MicroBatch: 4, Workers: 1, Lanes: 1, Prefetch: 2);

    private readonly CancellationTokenSource lost = new();

    public void Dispose() => lost.Dispose();

    [Fact]
    public async Task Its_batch_has_its_shard_and_is_told_of_all_the_same()
    {
        await using var site = await FlowSite.OpenAsync();
        await using var graph = Graph(site, new Shout { During = _ => lost.CancelAsync() });

        await graph.AcceptAsync(Delivery(await site.WriteAsync(0, [new WordRow("s", "one")])));
        await graph.WhenEmptyAsync().WaitAsync(Deliveries.Limit);

        (await site.NextAsync<BatchReady>()).Reused.Should().BeFalse();
        (await site.TextsAsync(0)).Should().Equal("ONE");
        site.Notices.Should().BeEmpty();
    }

    [Fact]
    public async Task A_message_that_cannot_be_published_then_is_left_to_the_delivery_that_comes()
    {
        await using var site = await FlowSite.OpenAsync();
        await using var transport = new PublishingFailsOnce(site.Transport);
        var stage = new Shout { During = _ => lost.CancelAsync() };
        await using var graph = Graph(site, stage, site.Context() with { Transport = transport });
        var message = await site.WriteAsync(0, [new WordRow("s", "one")]);
        var (first, again) = (Delivery(message), new UnsettledDelivery(message));

        await graph.AcceptAsync(first);
        await graph.WhenEmptyAsync().WaitAsync(Deliveries.Limit);
        await graph.AcceptAsync(again);
        await graph.WhenEmptyAsync().WaitAsync(Deliveries.Limit);

        (await site.NextAsync<BatchReady>()).Reused.Should().BeTrue();
        (first.Settled, again.Settled, stage.Calls.Count, site.OutcomesWaiting).Should().Be((0, 1, 1, 0));
        site.Notices.Should().BeEmpty();
    }

    [Fact]
    public async Task A_failure_is_no_outcome_because_the_batch_comes_again()
    {
        await using var site = await FlowSite.OpenAsync();
        await using var graph = Graph(site, new Shout { Refused = _ => true, During = _ => lost.CancelAsync() });

        await graph.AcceptAsync(Delivery(await site.WriteAsync(0, [new WordRow("s", "one"), new WordRow("t", "two")])));
        await graph.WhenEmptyAsync().WaitAsync(Deliveries.Limit);

        File.Exists(site.FailedFile(0)).Should().BeFalse();
        (site.OutcomesWaiting, site.Meter.Failed).Should().Be((0, 0));
    }

    [Fact]
    public async Task A_failure_does_not_take_away_what_another_host_has_written_meanwhile()
    {
        await using var site = await FlowSite.OpenAsync();
        var message = await site.WriteAsync(0, [new WordRow("s", "one"), new WordRow("t", "two")]);
        await using var elsewhere = Graph(site, new Shout());
        var begun = false;
        var stage = new Shout
        {
            Refused = _ => true,
            During = async stop =>
            {
                if (!begun)
                {
                    begun = true;
                    await elsewhere.AcceptAsync(new UnsettledDelivery(message));
                    await elsewhere.WhenEmptyAsync().WaitAsync(Deliveries.Limit, stop);
                }
            },
        };
        await using var graph = Graph(site, stage);

        await graph.AcceptAsync(new UnsettledDelivery(message));
        await graph.WhenEmptyAsync().WaitAsync(Deliveries.Limit);

        (await site.ReadyAsync(2)).Select(ready => ready.Reused).Should().BeEquivalentTo([false, true]);
        (await site.TextsAsync(0)).Should().Equal("ONE", "TWO");
        File.Exists(site.FailedFile(0)).Should().BeFalse();
    }

    private static StageGraph<WordInput, string, string, ShoutedRow> Graph(FlowSite site, Shout stage, FlowContext? context = null) =>
        new(stage, context ?? site.Context(), Options);

    private UnsettledDelivery Delivery(BatchReady message) => new(message) { Lost = lost.Token };
}

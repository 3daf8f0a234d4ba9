using Pipeline.Messages;
using Pipeline.Sdk;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Tests.Transport;

namespace Pipeline.Stages.Tests.Flow;

/// <summary>A fault that passes: tried again in place for a few seconds, then put aside, then failed.</summary>
public sealed class TransientBatchTests
{
    private static readonly FlowOptions Options = new(MicroBatch: 4, Workers: 1, Lanes: 1, Prefetch: 2);

    [Fact]
    public async Task A_service_that_is_busy_for_a_moment_is_asked_again_and_nothing_is_put_aside()
    {
        await using var site = await FlowSite.OpenAsync();
        var busy = 3;
        var stage = new Shout { Fault = _ => busy-- > 0 ? new TryAgainException("busy") : null };
        await using var graph = await site.StartAsync(stage, Options);

        await site.PublishAsync(0, "one", "two");

        (await site.NextAsync<BatchReady>()).Quarantined.Should().Be(0);
        stage.Calls.Select(call => call.Length).Should().Equal(2, 2, 2, 2);
        (site.Meter.TriedAgain, site.Meter.Failed).Should().Be((0, 0));
    }

    [Fact]
    public async Task A_service_that_stays_busy_makes_no_sample_guilty_and_the_batch_comes_again()
    {
        await using var site = await FlowSite.OpenAsync();
        var busy = true;
        var stage = new Shout
        {
            Fault = words => busy && words.Contains("one") ? new TryAgainException("busy", TimeSpan.FromSeconds(6)) : null,
        };
        void Note(string? notice)
        {
            busy = false;
            site.Notices.Enqueue(notice);
        }

        await using var graph = await site.StartAsync(stage, Options, site.Context() with { Notice = Note });

        await site.PublishAsync(0, "one", "two");

        var ready = await site.NextAsync<BatchReady>();
        (ready.Quarantined, ready.Shards[^1].Rows, site.Meter.TriedAgain).Should().Be((0, 2, 1));
        stage.Calls.Should().HaveCount(2, "Retry-After is longer than what is waited for in place");
        (await site.DepthAsync(0, 0)).Unsettled.Should().Be(0);
        await graph.DisposeAsync();
        site.Notices.Should().Equal("shout batch 0 is tried again later: busy", null);
    }

    [Fact]
    public async Task A_batch_put_aside_waits_as_long_as_the_service_asks()
    {
        await using var site = await FlowSite.OpenAsync();
        await using var graph = new StageGraph<WordInput, string, string, ShoutedRow>(
            new Shout { Fault = _ => new TryAgainException("busy", TimeSpan.FromMinutes(2)) },
            site.Context(),
            Options
        );
        var delivery = new UnsettledDelivery(await site.WriteAsync(0, [new WordRow("s", "one")]));

        await graph.AcceptAsync(delivery);
        await graph.WhenEmptyAsync().WaitAsync(Deliveries.Limit);

        (delivery.Delayed, delivery.Settled, site.OutcomesWaiting).Should().Be((TimeSpan.FromMinutes(2), 1, 0));
    }

    [Fact]
    public async Task The_other_calls_of_a_batch_that_will_be_put_aside_are_not_made()
    {
        await using var site = await FlowSite.OpenAsync();
        var stage = new Shout { Fault = _ => new TryAgainException("busy", TimeSpan.FromMinutes(2)) };
        await using var graph = new StageGraph<WordInput, string, string, ShoutedRow>(
            stage,
            site.Context(),
            Options with
            {
                MicroBatch = 1,
            }
        );

        await graph.AcceptAsync(
            new UnsettledDelivery(await site.WriteAsync(0, [.. Enumerable.Range(0, 20).Select(row => new WordRow($"{row:D2}", "one"))]))
        );
        await graph.WhenEmptyAsync().WaitAsync(Deliveries.Limit);

        stage.Calls.Count.Should().BeLessThanOrEqualTo(2); // one, and the one that waited for its turn
    }

    [Fact]
    public async Task A_batch_whose_fault_stays_fails_after_the_bound_and_says_how_often_it_was_tried()
    {
        await using var site = await FlowSite.OpenAsync();
        await using var graph = await site.StartAsync(new Shout { Fault = _ => new TimeoutException("slow") }, Options);

        await site.PublishAsync(0, "one", "two");

        var failed = await site.NextAsync<BatchFailed>();
        (failed.Error, failed.Message).Should().Be(("TimeoutException", "slow (tried 5 times)"));
        (site.Meter.TriedAgain, site.Meter.Failed, site.Failure(0).Message).Should().Be((4, 1, "slow (tried 5 times)"));
        site.Quarantine(0).Should().BeEmpty();
    }

    [Fact]
    public async Task A_shard_that_cannot_be_written_for_a_while_costs_nothing()
    {
        await using var site = await FlowSite.OpenAsync();
        var times = 4;
        site.AtWrite = (point, uri) =>
        {
            if (point == StorePoint.BeforeRename && uri == "runs/r/shout/00000000.parquet" && times-- > 0)
            {
                throw new IOException("unplugged");
            }
        };
        await using var graph = await site.StartAsync(new Shout(), Options);

        await site.PublishAsync(0, "one");

        (await site.NextAsync<BatchReady>()).Quarantined.Should().Be(0);
        (site.Meter.TriedAgain, site.Meter.Failed, site.Meter.Batches).Should().Be((0, 0, 1));
    }
}

using Pipeline.Messages;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Tests.Flow;

/// <summary>What lies in the store, is published and is settled when a batch is over.</summary>
public sealed class BatchOutcomesTests
{
    [Fact]
    public async Task Shard_comes_before_the_message_and_the_message_before_the_acknowledgement()
    {
        await using var site = await FlowSite.OpenAsync();
        var message = await site.WriteAsync(0, [new WordRow("s", "one")]);
        site.AtWrite = (point, uri) => site.Points.Enqueue($"{point} {uri}");
        await using var graph = await site.StartAsync(new Shout());

        await site.PublishAsync(message);

        await site.NextAsync<BatchReady>();
        (await site.DepthAsync(0, 0)).Should().Be(new QueueDepth(0, 0));
        site.Points.Where(point =>
                point.Contains("shout:p") || point.Contains("shout:a") || point.StartsWith("AfterRename", StringComparison.Ordinal)
            )
            .Should()
            .Equal(
                "AfterRename runs/r/shout/00000000.parquet",
                "AfterRename runs/r/shout/00000000.log.json",
                "shout:publish.before",
                "shout:publish.after",
                "shout:acknowledge.before",
                "shout:acknowledge.after"
            );
    }

    [Fact]
    public async Task A_failed_batch_leaves_a_record_an_event_and_its_message_in_the_failed_queue()
    {
        await using var site = await FlowSite.OpenAsync();
        await using var graph = await site.StartAsync(new Shout { Refused = _ => true });

        var message = await site.PublishAsync(2, "one", "two");

        var failed = await site.NextAsync<BatchFailed>();
        failed.Shards.Should().Equal(message.Shards);
        var record = site.Failure(2);
        (record.Stage, record.Batch, record.Error, record.Message, record.RowsIn, record.Fingerprint)
            .Should()
            .Be(("shout", 2, "ArithmeticException", "one cannot be shouted.", 2, "0f"));
        (await site.DepthAsync(0, 0)).Should().Be(new QueueDepth(0, 0));
        await using var dead = await Transport.Deliveries.OfAsync(site.Transport, FlowSite.FailedQueue);
        var delivery = await dead.NextAsync();
        delivery.FailureReason.Should().Be("ArithmeticException: one cannot be shouted.");
        delivery.Message.Read<BatchReady>().Batch.Should().Be(2);
        site.Meter.Failed.Should().Be(1);
    }

    [Fact]
    public async Task A_failed_batch_that_succeeds_later_has_its_record_removed()
    {
        await using var site = await FlowSite.OpenAsync();
        var broken = true;
        await using var graph = await site.StartAsync(new Shout { Refused = _ => Volatile.Read(ref broken) });
        var message = await site.PublishAsync(0, "one", "two");
        await site.NextAsync<BatchFailed>();

        Volatile.Write(ref broken, false);
        await site.PublishAsync(message);

        await site.NextAsync<BatchReady>();
        File.Exists(site.FailedFile(0)).Should().BeFalse();
        (await site.TextsAsync(0)).Should().Equal("ONE", "TWO");
    }

    [Fact]
    public async Task A_batch_that_fails_later_loses_the_shard_and_the_quarantine_of_its_earlier_success()
    {
        await using var site = await FlowSite.OpenAsync();
        BatchReady message;
        await using (await site.StartAsync(new Shout { Unpreparable = word => word == "?" }))
        {
            message = await site.PublishAsync(0, "one", "two", "?");
            await site.NextAsync<BatchReady>();
            await site.DepthAsync(0, 0);
        }

        await using var graph = await site.StartAsync(new Shout { Refused = _ => true }, context: site.Context(fingerprint: "1e"));
        await site.PublishAsync(message);

        await site.NextAsync<BatchFailed>();
        File.Exists(site.Shard(0)).Should().BeFalse();
        File.Exists(site.QuarantineFile(0)).Should().BeFalse();
        File.Exists(site.FailedFile(0)).Should().BeTrue();
    }

    [Fact]
    public async Task A_quarantine_file_goes_when_nothing_is_set_aside_any_more()
    {
        await using var site = await FlowSite.OpenAsync();
        BatchReady message;
        await using (await site.StartAsync(new Shout { Unpreparable = word => word == "two" }))
        {
            message = await site.PublishAsync(0, "one", "two");
            await site.NextAsync<BatchReady>();
            await site.DepthAsync(0, 0);
        }

        await using var graph = await site.StartAsync(new Shout(), context: site.Context(fingerprint: "1e"));
        await site.PublishAsync(message);

        (await site.NextAsync<BatchReady>()).Quarantined.Should().Be(0);
        File.Exists(site.QuarantineFile(0)).Should().BeFalse();
    }

    [Fact]
    public async Task A_batch_whose_valid_shard_is_there_is_told_of_again_without_compute()
    {
        await using var site = await FlowSite.OpenAsync();
        var stage = new Shout { Unpreparable = word => word == "?" };
        await using var graph = await site.StartAsync(stage);
        var message = await site.PublishAsync(0, "one", "?");
        var first = await site.NextAsync<BatchReady>();

        await site.PublishAsync(message);

        var again = await site.NextAsync<BatchReady>();
        again.Should().BeEquivalentTo(first with { Reused = true });
        stage.Calls.Should().HaveCount(1);
        (await site.DepthAsync(0, 0)).Should().Be(new QueueDepth(0, 0));
        (site.Meter.Batches, site.Meter.Reused, site.Meter.Items, site.Meter.Quarantined).Should().Be((2, 1, 2, 2));
    }

    [Theory]
    [InlineData("cut off")]
    [InlineData("other fingerprint")]
    [InlineData("other seed")]
    [InlineData("other parent")]
    public async Task A_shard_that_is_damaged_or_of_other_inputs_is_computed_again(string change)
    {
        await using var site = await FlowSite.OpenAsync();
        BatchReady message;
        await using (await site.StartAsync(new Shout()))
        {
            message = await site.PublishAsync(0, "one");
            await site.NextAsync<BatchReady>();
            await site.DepthAsync(0, 0);
        }

        if (change == "cut off")
        {
            var bytes = await File.ReadAllBytesAsync(site.Shard(0));
            await File.WriteAllBytesAsync(site.Shard(0), bytes[..^5]);
        }
        else if (change == "other parent")
        {
            message = await site.WriteAsync(0, [new WordRow("0-0", "one"), new WordRow("0-1", "two")]);
        }

        var stage = new Shout();
        var context = site.Context(change == "other fingerprint" ? "1e" : "0f", change == "other seed" ? 8 : 7);
        await using var graph = await site.StartAsync(stage, context: context);
        await site.PublishAsync(message);

        (await site.NextAsync<BatchReady>()).Reused.Should().BeFalse();
        stage.Calls.Should().HaveCount(1);
        (await site.TextsAsync(0)).Should().HaveCount(message.RowsIn);
    }

    [Fact]
    public async Task A_shard_of_another_call_size_is_used_again()
    {
        await using var site = await FlowSite.OpenAsync();
        BatchReady message;
        await using (await site.StartAsync(new Shout()))
        {
            message = await site.PublishAsync(0, "one");
            await site.NextAsync<BatchReady>();
            await site.DepthAsync(0, 0);
        }

        await using var graph = await site.StartAsync(new Shout(), new Stages.Flow.FlowOptions(64, 1, 1, 1));
        await site.PublishAsync(message);

        (await site.NextAsync<BatchReady>()).Reused.Should().BeTrue();
    }

    [Fact]
    public async Task A_shard_that_cannot_be_written_fails_its_batch_alone()
    {
        await using var site = await FlowSite.OpenAsync();
        await using var graph = await site.StartAsync(new Shout());
        site.AtWrite = (point, uri) =>
        {
            if (point == StorePoint.BeforeRename && uri == "runs/r/shout/00000000.parquet")
            {
                throw new UnauthorizedAccessException("read only");
            }
        };

        await site.PublishAsync(0, "one");
        var failed = await site.NextAsync<BatchFailed>();
        await site.PublishAsync(1, "two");
        var ready = await site.NextAsync<BatchReady>();

        (failed.Batch, failed.Error, failed.Message).Should().Be((0, "UnauthorizedAccessException", "read only"));
        ready.Batch.Should().Be(1);
    }

    [Fact]
    public async Task A_batch_whose_outcome_cannot_be_recorded_comes_again()
    {
        await using var site = await FlowSite.OpenAsync();
        var times = 20;
        site.AtWrite = (point, uri) =>
        {
            if (point == StorePoint.BeforeTemporary && uri.EndsWith("failed.json", StringComparison.Ordinal) && times-- > 0)
            {
                throw new IOException("unplugged");
            }
        };
        var stage = new Shout { Refused = _ => true };
        await using var graph = await site.StartAsync(stage);

        await site.PublishAsync(0, "one", "two");

        (await site.NextAsync<BatchFailed>()).Batch.Should().Be(0);
        (await site.DepthAsync(0, 0)).Should().Be(new QueueDepth(0, 0));
        site.OutcomesWaiting.Should().Be(0);
        site.Notices.Should().AllBe("shout batch 0 could not be settled and is tried again: unplugged").And.NotBeEmpty();
    }

    [Fact]
    public async Task A_batch_whose_message_cannot_be_published_keeps_its_shard_and_is_told_of_again()
    {
        await using var site = await FlowSite.OpenAsync();
        await using var transport = new PublishingFailsOnce(site.Transport);
        var stage = new Shout();
        await using var graph = await site.StartAsync(stage, context: site.Context() with { Transport = transport });

        await site.PublishAsync(0, "one");

        (await site.NextAsync<BatchReady>()).Reused.Should().BeFalse();
        stage.Calls.Should().HaveCount(1);
        File.Exists(site.FailedFile(0)).Should().BeFalse();
        (await site.DepthAsync(0, 0)).Should().Be(new QueueDepth(0, 0));
    }
}

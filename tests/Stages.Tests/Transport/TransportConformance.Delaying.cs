using System.Diagnostics;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Tests.Transport;

public abstract partial class TransportConformance
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task Message_put_aside_comes_again_after_its_time_with_its_attempts_and_others_have_its_place_meanwhile()
    {
        await using var transport = await BoundAsync();
        await using var deliveries = await Deliveries.OfAsync(transport, Queue, prefetch: 1);
        await PublishAsync(transport, "one", "two", "three");
        var first = await deliveries.NextAsync();
        var started = Stopwatch.GetTimestamp();

        await first.DelayAsync(Wait);

        var others = new List<IDelivery>();
        for (var other = 0; other < 2; other++)
        {
            others.Add(await deliveries.NextAsync());
            await others[^1].AcknowledgeAsync();
        }

        var again = await deliveries.NextAsync();
        Stopwatch.GetElapsedTime(started).Should().BeGreaterThanOrEqualTo(Wait - TimeSpan.FromMilliseconds(50));
        Deliveries.Texts([first, .. others, again]).Should().Equal("one", "two", "three", "one");
        (first.Attempts, others[0].Attempts, again.Attempts).Should().Be((0, 0, 1));
        (again.RoutingKey, again.Message.Type, again.Redelivered, again.FailureReason).Should().Be(("key", "Text", true, null));
        await again.AcknowledgeAsync();
        (await Deliveries.DepthAsync(transport, Queue, 0, 0)).Should().Be(new QueueDepth(0, 0));
    }

    [Fact]
    public async Task Attempts_stay_with_a_message_until_it_fails()
    {
        await using var transport = await BoundAsync();
        await using var deliveries = await Deliveries.OfAsync(transport, Queue);
        await PublishAsync(transport, "one");
        await (await deliveries.NextAsync()).DelayAsync(Wait);
        await (await deliveries.NextAsync()).GiveBackAsync();
        var second = await deliveries.NextAsync();
        await second.DelayAsync(Wait);
        var third = await deliveries.NextAsync();

        await third.FailAsync("because");

        await using var failed = await Deliveries.OfAsync(transport, Failed);
        (second.Attempts, third.Attempts, (await failed.NextAsync()).Attempts).Should().Be((1, 2, 0));
    }

    [Fact]
    public async Task Message_put_aside_waits_also_when_its_consumer_is_gone()
    {
        await using var transport = await BoundAsync();
        var deliveries = await Deliveries.OfAsync(transport, Queue);
        await PublishAsync(transport, "one");
        await (await deliveries.NextAsync()).DelayAsync(Wait);
        await deliveries.DisposeAsync();

        var depth = await Deliveries.DepthAsync(transport, Queue, 1, 0);

        depth.Should().Be(new QueueDepth(1, 0));
    }

    [Fact]
    public async Task Deleting_a_queue_deletes_what_was_put_aside()
    {
        await using var transport = await BoundAsync();
        await using var deliveries = await Deliveries.OfAsync(transport, Queue);
        await PublishAsync(transport, "one");
        await (await deliveries.NextAsync()).DelayAsync(Wait);
        var second = await AnotherQueueAsync(transport, "second", "later");
        await using var ofSecond = await Deliveries.OfAsync(transport, second);
        await transport.PublishAsync(Exchange, "later", Deliveries.Message("two"), CancellationToken.None);

        await transport.DeleteQueueAsync(Queue, CancellationToken.None);
        await transport.DeclareQueueAsync(Queue, Failed, QueueForm.Shared, CancellationToken.None);
        await transport.BindAsync(Exchange, Queue, "#", CancellationToken.None);

        // Put aside for as long later: when it is back, the other one would be back too.
        await (await ofSecond.NextAsync()).DelayAsync(Wait);
        await ofSecond.NextAsync();
        (await transport.DepthAsync(Queue, CancellationToken.None)).Ready.Should().Be(0);
    }

    [Fact]
    public async Task Message_put_aside_in_a_queue_of_one_consumer_or_a_failed_queue_is_given_back()
    {
        await using var transport = await BoundAsync();
        await using var deliveries = await Deliveries.OfAsync(transport, Queue);
        var single = $"{prefix}.single";
        await transport.DeclareQueueAsync(single, Failed, QueueForm.SingleActive, CancellationToken.None);
        await transport.BindAsync(Exchange, single, "#", CancellationToken.None);
        await using var ofSingle = await Deliveries.OfAsync(transport, single);
        await PublishAsync(transport, "one");
        await (await deliveries.NextAsync()).FailAsync("because");
        await using var failed = await Deliveries.OfAsync(transport, Failed);

        await (await ofSingle.NextAsync()).DelayAsync(TimeSpan.FromMinutes(5));
        await (await failed.NextAsync()).DelayAsync(TimeSpan.FromMinutes(5));

        Deliveries.Texts([await ofSingle.NextAsync(), await failed.NextAsync()]).Should().Equal("one", "one");
    }
}

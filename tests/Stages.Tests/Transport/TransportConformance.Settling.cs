using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Tests.Transport;

public abstract partial class TransportConformance
{
    public static TheoryData<string, string> TwoSettlings()
    {
        string[] ways = ["acknowledge", "give back", "fail", "put aside"];
        var data = new TheoryData<string, string>();
        foreach (var first in ways)
        {
            foreach (var second in ways)
            {
                data.Add(first, second);
            }
        }

        return data;
    }

    [Fact]
    public async Task Acknowledged_message_is_off_the_queue()
    {
        await using var transport = await BoundAsync();
        var deliveries = await Deliveries.OfAsync(transport, Queue);
        await PublishAsync(transport, "one", "two");
        var held = await deliveries.NextAsync(2);

        await held[0].AcknowledgeAsync();
        await held[1].AcknowledgeAsync();

        (await Deliveries.DepthAsync(transport, Queue, 0, 0)).Should().Be(new QueueDepth(0, 0));
        await deliveries.DisposeAsync();
        (await Deliveries.DepthAsync(transport, Queue, 0, 0)).Should().Be(new QueueDepth(0, 0));
    }

    [Fact]
    public async Task Message_given_back_is_delivered_again()
    {
        await using var transport = await BoundAsync();
        await using var deliveries = await Deliveries.OfAsync(transport, Queue);
        await PublishAsync(transport, "one");

        await (await deliveries.NextAsync()).GiveBackAsync();

        var again = await deliveries.NextAsync();
        Deliveries.Text(again).Should().Be("one");
        again.RoutingKey.Should().Be("key");
        again.Redelivered.Should().BeTrue();
    }

    [Fact]
    public async Task Failed_message_moves_to_the_failed_queue_with_type_body_key_and_reason()
    {
        await using var transport = await BoundAsync();
        await using var deliveries = await Deliveries.OfAsync(transport, Queue);
        await PublishAsync(transport, "one");

        await (await deliveries.NextAsync()).FailAsync("because");

        await using var failed = await Deliveries.OfAsync(transport, Failed);
        var delivery = await failed.NextAsync();
        delivery.Message.Type.Should().Be("Text");
        Deliveries.Text(delivery).Should().Be("one");
        delivery.RoutingKey.Should().Be("key");
        delivery.FailureReason.Should().Be("because");
        (await Deliveries.DepthAsync(transport, Queue, 0, 0)).Should().Be(new QueueDepth(0, 0));
    }

    [Fact]
    public async Task Failed_message_can_be_replayed()
    {
        await using var transport = await BoundAsync();
        await using var deliveries = await Deliveries.OfAsync(transport, Queue);
        await PublishAsync(transport, "one");
        await (await deliveries.NextAsync()).FailAsync("because");
        await using var failed = await Deliveries.OfAsync(transport, Failed);
        var delivery = await failed.NextAsync();

        await transport.PublishAsync(Exchange, delivery.RoutingKey, delivery.Message, CancellationToken.None);
        await delivery.AcknowledgeAsync();

        var replayed = await deliveries.NextAsync();
        Deliveries.Text(replayed).Should().Be("one");
        replayed.FailureReason.Should().BeNull();
        (await Deliveries.DepthAsync(transport, Failed, 0, 0)).Should().Be(new QueueDepth(0, 0));
    }

    [Fact]
    public async Task Message_failed_in_a_failed_queue_goes_to_its_end()
    {
        await using var transport = await BoundAsync();
        await using var deliveries = await Deliveries.OfAsync(transport, Queue);
        await PublishAsync(transport, "one", "two");
        await (await deliveries.NextAsync()).FailAsync("first reason");
        await (await deliveries.NextAsync()).FailAsync("first reason");
        await using var failed = await Deliveries.OfAsync(transport, Failed, prefetch: 1);

        await (await failed.NextAsync()).FailAsync("second reason");

        var next = await failed.NextAsync();
        await next.AcknowledgeAsync();
        var last = await failed.NextAsync();
        Deliveries.Texts([next, last]).Should().Equal("two", "one");
        last.FailureReason.Should().Be("second reason");
    }

    [Fact]
    public async Task Queues_may_have_one_failed_queue()
    {
        await using var transport = await BoundAsync();
        var second = await AnotherQueueAsync(transport, "second");
        await using var ofFirst = await Deliveries.OfAsync(transport, Queue);
        await using var ofSecond = await Deliveries.OfAsync(transport, second);
        await PublishAsync(transport, "one");

        await (await ofFirst.NextAsync()).FailAsync("in the first");
        await (await ofSecond.NextAsync()).FailAsync("in the second");

        await using var failed = await Deliveries.OfAsync(transport, Failed);
        (await failed.NextAsync(2)).Select(delivery => delivery.FailureReason).Should().BeEquivalentTo("in the first", "in the second");
    }

    [Theory]
    [MemberData(nameof(TwoSettlings))]
    public async Task Second_settling_is_an_error(string first, string second)
    {
        await using var transport = await BoundAsync();
        await using var deliveries = await Deliveries.OfAsync(transport, Queue, prefetch: 1);
        await PublishAsync(transport, "one");
        var delivery = await deliveries.NextAsync();
        await SettleAsync(delivery, first);

        var settling = () => SettleAsync(delivery, second);

        await settling.Should().ThrowAsync<InvalidOperationException>();
    }

    [Theory]
    [InlineData("acknowledge")]
    [InlineData("give back")]
    [InlineData("fail")]
    [InlineData("put aside")]
    public async Task Settling_after_the_consumer_was_disposed_is_an_error_and_the_message_comes_again(string way)
    {
        await using var transport = await BoundAsync();
        var first = await Deliveries.OfAsync(transport, Queue);
        await PublishAsync(transport, "one");
        var delivery = await first.NextAsync();
        await first.DisposeAsync();

        var settling = () => SettleAsync(delivery, way);

        await settling.Should().ThrowAsync<InvalidOperationException>();
        await using var second = await Deliveries.OfAsync(transport, Queue);
        Deliveries.Text(await second.NextAsync()).Should().Be("one");
        (await Deliveries.DepthAsync(transport, Failed, 0, 0)).Should().Be(new QueueDepth(0, 0));
    }

    private static Task SettleAsync(IDelivery delivery, string way) =>
        way switch
        {
            "acknowledge" => delivery.AcknowledgeAsync().AsTask(),
            "give back" => delivery.GiveBackAsync().AsTask(),
            "put aside" => delivery.DelayAsync(TimeSpan.FromSeconds(1)).AsTask(),
            _ => delivery.FailAsync("because").AsTask(),
        };
}

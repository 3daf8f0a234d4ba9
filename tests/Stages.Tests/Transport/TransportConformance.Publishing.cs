using Pipeline.Messages;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Tests.Transport;

public abstract partial class TransportConformance
{
    [Fact]
    public async Task Published_message_is_held_by_every_bound_queue()
    {
        await using var transport = await BoundAsync();
        var second = await AnotherQueueAsync(transport, "second", "key");
        var unconcerned = await AnotherQueueAsync(transport, "unconcerned", "other");

        await PublishAsync(transport, "one");

        (await Deliveries.DepthAsync(transport, Queue, 1, 0)).Should().Be(new QueueDepth(1, 0));
        (await Deliveries.DepthAsync(transport, second, 1, 0)).Should().Be(new QueueDepth(1, 0));
        (await Deliveries.DepthAsync(transport, unconcerned, 0, 0)).Should().Be(new QueueDepth(0, 0));
    }

    [Fact]
    public async Task Publishing_under_a_key_that_no_queue_is_bound_to_is_no_error()
    {
        await using var transport = await BoundAsync("other");

        var publishing = () => PublishAsync(transport, "one");

        await publishing.Should().NotThrowAsync();
    }

    [Fact]
    public async Task Publishing_to_an_exchange_that_is_not_declared_is_an_error()
    {
        await using var transport = await BoundAsync();

        var publishing = async () =>
            await transport.PublishAsync($"{prefix}.none", "key", Deliveries.Message("one"), CancellationToken.None);

        await publishing.Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task Publishing_to_a_deleted_exchange_is_an_error()
    {
        await using var transport = await BoundAsync();
        await transport.DeleteExchangeAsync(Exchange, CancellationToken.None);

        var publishing = () => PublishAsync(transport, "one");

        await publishing.Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task Delivery_carries_type_body_and_key()
    {
        await using var transport = await BoundAsync();
        var message = new StageDrained
        {
            Run = "r1",
            Stage = "edit",
            Batches = 3,
            Rows = 192,
        };

        await transport.PublishAsync(Exchange, "event.StageDrained.edit", Envelope.Of(message), CancellationToken.None);

        await using var deliveries = await Deliveries.OfAsync(transport, Queue);
        var delivery = await deliveries.NextAsync();
        delivery.Message.Type.Should().Be("StageDrained");
        delivery.Message.Read<StageDrained>().Should().Be(message);
        delivery.RoutingKey.Should().Be("event.StageDrained.edit");
        delivery.Redelivered.Should().BeFalse();
        delivery.FailureReason.Should().BeNull();
    }

    [Fact]
    public async Task Depth_counts_what_is_ready_and_what_is_unsettled()
    {
        await using var transport = await BoundAsync();
        await PublishAsync(transport, 5);

        await using var deliveries = await Deliveries.OfAsync(transport, Queue, prefetch: 2);

        (await Deliveries.DepthAsync(transport, Queue, 3, 2)).Should().Be(new QueueDepth(3, 2));
        await (await deliveries.NextAsync()).AcknowledgeAsync();
        (await Deliveries.DepthAsync(transport, Queue, 2, 2)).Should().Be(new QueueDepth(2, 2));
    }

    [Fact]
    public async Task Depth_of_a_queue_that_is_not_declared_is_an_error()
    {
        await using var transport = await CreateAsync();

        var counting = async () => await transport.DepthAsync($"{prefix}.none", CancellationToken.None);

        await counting.Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task Every_call_can_be_ended_early()
    {
        await using var transport = await BoundAsync();
        var ended = new CancellationToken(canceled: true);

        Func<Task>[] calls =
        [
            () => transport.DeclareExchangeAsync(Exchange, ended),
            () => transport.DeclareQueueAsync(Queue, Failed, QueueForm.Shared, ended),
            () => transport.BindAsync(Exchange, Queue, "#", ended),
            () => transport.UnbindAsync(Exchange, Queue, "#", ended),
            () => transport.DeleteQueueAsync(Queue, ended),
            () => transport.DeleteExchangeAsync(Exchange, ended),
            async () => await transport.PublishAsync(Exchange, "key", Deliveries.Message("one"), ended),
            () => transport.ConsumeAsync(Queue, 1, _ => Task.CompletedTask, ended),
            async () => await transport.DepthAsync(Queue, ended),
        ];

        foreach (var call in calls)
        {
            await call.Should().ThrowAsync<OperationCanceledException>();
        }
    }
}

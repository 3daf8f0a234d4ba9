using Pipeline.Stages.Transport;
using Pipeline.Stages.Transport.Embedded;

namespace Pipeline.Stages.Tests.Transport.Embedded;

/// <summary>The conformance suite, and what is the embedded transport's own: its capacity, its strict turns, its end.</summary>
public sealed class EmbeddedTransportTests : TransportConformance
{
    protected override Task<ITransport> CreateAsync() => Task.FromResult<ITransport>(new EmbeddedTransport());

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Capacity_below_one_is_an_error(int capacity)
    {
        var making = () => new EmbeddedTransport(capacity);

        making.Should().Throw<ArgumentOutOfRangeException>().WithMessage($"*is {capacity}; it must be 1 message or more*");
    }

    [Fact]
    public async Task Publisher_waits_while_a_queue_is_full_and_goes_on_when_a_place_is_free()
    {
        await using var transport = await BoundAsync(capacity: 3);
        await PublishAsync(transport, 0, 1, 2);

        var waiting = PublishAsync(transport, 3);
        var early = waiting.IsCompleted;
        await using var deliveries = await Deliveries.OfAsync(transport, "queue", prefetch: 1);
        await waiting.WaitAsync(Deliveries.Limit);

        early.Should().BeFalse();
        var texts = new List<string>();
        for (var number = 0; number < 4; number++)
        {
            var delivery = await deliveries.NextAsync();
            texts.Add(Deliveries.Text(delivery));
            await delivery.AcknowledgeAsync();
        }

        texts.Should().Equal("0", "1", "2", "3");
    }

    [Fact]
    public async Task Waiting_publisher_can_be_stopped()
    {
        await using var transport = await BoundAsync(capacity: 1);
        await PublishAsync(transport, 0);
        using var stop = new CancellationTokenSource();
        var waiting = transport.PublishAsync("exchange", "key", Deliveries.Message(1), stop.Token).AsTask();

        await stop.CancelAsync();

        var publishing = () => waiting.WaitAsync(Deliveries.Limit);
        await publishing.Should().ThrowAsync<OperationCanceledException>();
        (await transport.DepthAsync("queue", CancellationToken.None)).Should().Be(new QueueDepth(1, 0));
    }

    [Fact]
    public async Task Deleting_a_full_queue_lets_its_publishers_go_on()
    {
        await using var transport = await BoundAsync(capacity: 1);
        await PublishAsync(transport, 0);
        var waiting = PublishAsync(transport, 1);

        await transport.DeleteQueueAsync("queue", CancellationToken.None);

        var publishing = () => waiting.WaitAsync(Deliveries.Limit);
        await publishing.Should().NotThrowAsync();
    }

    [Fact]
    public async Task Giving_back_into_a_full_queue_does_not_wait()
    {
        await using var transport = await BoundAsync(capacity: 2);
        var first = await Deliveries.OfAsync(transport, "queue", prefetch: 2);
        await PublishAsync(transport, 0, 1);
        await first.NextAsync(2);
        await PublishAsync(transport, 2, 3);

        await first.DisposeAsync();

        (await transport.DepthAsync("queue", CancellationToken.None)).Should().Be(new QueueDepth(4, 0));
    }

    [Fact]
    public async Task Consumers_prefetch_together_at_most_the_capacity()
    {
        await using var transport = await BoundAsync(capacity: 5);
        await using var first = await Deliveries.OfAsync(transport, "queue", prefetch: 3);

        var tooMany = () => Deliveries.OfAsync(transport, "queue", prefetch: 3);
        var justFits = () => Deliveries.OfAsync(transport, "queue", prefetch: 2);

        await tooMany.Should().ThrowAsync<ArgumentOutOfRangeException>().WithMessage("*prefetch*is 3; it must be at most 2*");
        await justFits.Should().NotThrowAsync();
    }

    [Fact]
    public async Task Disposed_consumer_frees_its_share_of_the_prefetch()
    {
        await using var transport = await BoundAsync(capacity: 5);
        var first = await Deliveries.OfAsync(transport, "queue", prefetch: 5);

        await first.DisposeAsync();

        var next = () => Deliveries.OfAsync(transport, "queue", prefetch: 5);
        await next.Should().NotThrowAsync();
    }

    [Fact]
    public async Task Consumers_with_free_places_take_turns()
    {
        await using var transport = await BoundAsync();
        await using var first = await Deliveries.OfAsync(transport, "queue", prefetch: 100);
        await using var second = await Deliveries.OfAsync(transport, "queue", prefetch: 100);
        await using var third = await Deliveries.OfAsync(transport, "queue", prefetch: 100);

        await PublishAsync(transport, [.. Enumerable.Range(0, 90)]);

        Deliveries.Texts(await first.NextAsync(30)).Should().Equal(Enumerable.Range(0, 30).Select(turn => $"{3 * turn}"));
        Deliveries.Texts(await second.NextAsync(30)).Should().Equal(Enumerable.Range(0, 30).Select(turn => $"{3 * turn + 1}"));
        Deliveries.Texts(await third.NextAsync(30)).Should().Equal(Enumerable.Range(0, 30).Select(turn => $"{3 * turn + 2}"));
    }

    [Fact]
    public async Task Failing_into_a_deleted_failed_queue_declares_it_again()
    {
        await using var transport = await BoundAsync();
        await using var deliveries = await Deliveries.OfAsync(transport, "queue");
        await PublishAsync(transport, 0);
        await transport.DeleteQueueAsync("failed", CancellationToken.None);

        await (await deliveries.NextAsync()).FailAsync("because");

        (await transport.DepthAsync("failed", CancellationToken.None)).Should().Be(new QueueDepth(1, 0));
    }

    [Fact]
    public async Task Failing_in_a_full_failed_queue_does_not_wait_for_oneself()
    {
        await using var transport = new EmbeddedTransport(capacity: 1);
        await transport.DeclareExchangeAsync("exchange", CancellationToken.None);
        await transport.DeclareQueueAsync("queue", "failed", QueueForm.Shared, CancellationToken.None);
        await transport.BindAsync("exchange", "failed", "key", CancellationToken.None);
        await using var deliveries = await Deliveries.OfAsync(transport, "failed", prefetch: 1);
        await PublishAsync(transport, 0);
        var delivery = await deliveries.NextAsync();
        await PublishAsync(transport, 1);

        await delivery.FailAsync("again").AsTask().WaitAsync(Deliveries.Limit);

        var next = await deliveries.NextAsync();
        Deliveries.Text(next).Should().Be("0");
        next.FailureReason.Should().Be("again");
        (await transport.DepthAsync("failed", CancellationToken.None)).Should().Be(new QueueDepth(1, 1));
    }

    [Fact]
    public async Task Settling_what_came_from_a_deleted_queue_is_no_error()
    {
        await using var transport = await BoundAsync();
        await using var deliveries = await Deliveries.OfAsync(transport, "queue");
        await PublishAsync(transport, 0, 1, 2);
        var held = await deliveries.NextAsync(3);
        await transport.DeleteQueueAsync("queue", CancellationToken.None);

        await held[0].AcknowledgeAsync();
        await held[1].GiveBackAsync();
        await held[2].FailAsync("because");

        (await transport.DepthAsync("failed", CancellationToken.None)).Should().Be(new QueueDepth(1, 0));
    }

    [Fact]
    public async Task Disposed_transport_refuses_every_call()
    {
        var transport = await BoundAsync();

        await transport.DisposeAsync();

        var publishing = () => PublishAsync(transport, 0);
        var declaring = () => transport.DeclareExchangeAsync("exchange", CancellationToken.None);
        await publishing.Should().ThrowAsync<ObjectDisposedException>();
        await declaring.Should().ThrowAsync<ObjectDisposedException>();
    }

    [Fact]
    public async Task Disposal_of_the_transport_ends_waiting_publishers_with_an_error()
    {
        var transport = await BoundAsync(capacity: 1);
        await PublishAsync(transport, 0);
        var waiting = PublishAsync(transport, 1);

        await transport.DisposeAsync();

        var publishing = () => waiting.WaitAsync(Deliveries.Limit);
        await publishing.Should().ThrowAsync<ObjectDisposedException>();
    }

    [Fact]
    public async Task Disposal_of_the_transport_waits_for_running_calls_even_if_they_throw()
    {
        var transport = await BoundAsync();
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var mayEnd = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await transport.ConsumeAsync(
            "queue",
            1,
            async _ =>
            {
                began.SetResult();
                await mayEnd.Task;
                throw new InvalidDataException("broken");
            },
            CancellationToken.None
        );
        await PublishAsync(transport, 0);
        await began.Task.WaitAsync(Deliveries.Limit);

        var disposal = transport.DisposeAsync().AsTask();
        var early = disposal.IsCompleted;
        mayEnd.SetResult();
        var disposing = () => disposal.WaitAsync(Deliveries.Limit);

        early.Should().BeFalse();
        await disposing.Should().NotThrowAsync();
    }

    private static async Task<EmbeddedTransport> BoundAsync(int capacity = EmbeddedTransport.DefaultCapacity)
    {
        var transport = new EmbeddedTransport(capacity);
        await transport.DeclareExchangeAsync("exchange", CancellationToken.None);
        await transport.DeclareQueueAsync("queue", "failed", QueueForm.Shared, CancellationToken.None);
        await transport.BindAsync("exchange", "queue", "key", CancellationToken.None);
        return transport;
    }

    private static async Task PublishAsync(EmbeddedTransport transport, params int[] numbers)
    {
        foreach (var number in numbers)
        {
            await transport.PublishAsync("exchange", "key", Deliveries.Message(number), CancellationToken.None);
        }
    }
}

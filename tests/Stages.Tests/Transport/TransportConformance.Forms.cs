using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Tests.Transport;

public abstract partial class TransportConformance
{
    [Fact]
    public async Task Messages_of_a_single_active_queue_go_to_the_first_consumer_and_then_to_the_next()
    {
        await using var transport = await FormedAsync(QueueForm.SingleActive);
        await using var first = await Deliveries.OfAsync(transport, Queue, prefetch: 1);
        await using var second = await Deliveries.OfAsync(transport, Queue, prefetch: 10);
        await PublishAsync(transport, "one", "two", "three");

        var held = await first.NextAsync();
        await held.AcknowledgeAsync();
        var left = Deliveries.Text(await first.NextAsync());
        var waiting = second.Waiting;
        await first.DisposeAsync();

        (Deliveries.Text(held), left, waiting).Should().Be(("one", "two", 0));
        Deliveries.Texts(await second.NextAsync(2)).Should().Equal("two", "three");
    }

    [Fact]
    public async Task Consumer_of_a_single_active_queue_takes_part_again_after_another_one_was_active()
    {
        await using var transport = await FormedAsync(QueueForm.SingleActive);
        var first = await Deliveries.OfAsync(transport, Queue);
        await using var second = await Deliveries.OfAsync(transport, Queue);
        await first.DisposeAsync();
        await using var third = await Deliveries.OfAsync(transport, Queue);

        await PublishAsync(transport, "one");
        await (await second.NextAsync()).AcknowledgeAsync();
        await second.DisposeAsync();
        await PublishAsync(transport, "two");

        Deliveries.Text(await third.NextAsync()).Should().Be("two");
    }

    [Fact]
    public async Task Temporary_queue_takes_and_gives_messages_as_a_shared_one()
    {
        await using var transport = await FormedAsync(QueueForm.Temporary);
        await PublishAsync(transport, "one", "two");

        await using var deliveries = await Deliveries.OfAsync(transport, Queue);

        Deliveries.Texts(await deliveries.NextAsync(2)).Should().Equal("one", "two");
    }

    [Theory]
    [InlineData(QueueForm.Shared, QueueForm.SingleActive)]
    [InlineData(QueueForm.SingleActive, QueueForm.Shared)]
    public async Task Declaring_a_queue_anew_with_another_form_is_an_error_and_with_its_own_is_none(QueueForm form, QueueForm other)
    {
        await using var transport = await FormedAsync(form);

        var same = () => transport.DeclareQueueAsync(Queue, Failed, form, CancellationToken.None);
        var another = () => transport.DeclareQueueAsync(Queue, Failed, other, CancellationToken.None);

        await same.Should().NotThrowAsync();
        (await another.Should().ThrowAsync<InvalidOperationException>()).WithMessage($"*{Queue}*");
        await same.Should().NotThrowAsync();
    }

    [Fact]
    public async Task Stopped_consumer_settles_what_it_holds_and_gets_no_more()
    {
        await using var transport = await FormedAsync(QueueForm.Shared);
        var held = new TaskCompletionSource<IDelivery>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var consumer = await transport.ConsumeAsync(
            Queue,
            1,
            delivery =>
            {
                held.TrySetResult(delivery);
                return Task.CompletedTask;
            },
            CancellationToken.None
        );
        await PublishAsync(transport, "one", "two");
        var one = await held.Task.WaitAsync(Deliveries.Limit);

        await consumer.StopAsync();
        await one.AcknowledgeAsync();

        (await Deliveries.DepthAsync(transport, Queue, 1, 0)).Should().Be(new QueueDepth(1, 0));
        await using var next = await Deliveries.OfAsync(transport, Queue);
        Deliveries.Text(await next.NextAsync()).Should().Be("two");
    }

    [Fact]
    public async Task Stopping_gives_back_what_no_call_has_seen_and_disposing_the_rest()
    {
        await using var transport = await FormedAsync(QueueForm.Shared);
        var (entered, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        var consumer = await transport.ConsumeAsync(
            Queue,
            3,
            async _ =>
            {
                entered.TrySetResult();
                await release.Task;
            },
            CancellationToken.None
        );
        await PublishAsync(transport, "one", "two", "three");
        await entered.Task.WaitAsync(Deliveries.Limit);
        await Deliveries.DepthAsync(transport, Queue, 0, 3);

        var stopping = consumer.StopAsync();
        release.SetResult();
        await stopping;
        var stopped = await Deliveries.DepthAsync(transport, Queue, 2, 1);
        await consumer.DisposeAsync();

        stopped.Should().Be(new QueueDepth(2, 1));
        await using var next = await Deliveries.OfAsync(transport, Queue);
        Deliveries.Texts(await next.NextAsync(3)).Should().BeEquivalentTo("one", "two", "three");
    }

    private async Task<ITransport> FormedAsync(QueueForm form)
    {
        var transport = await CreateAsync();
        await transport.DeclareExchangeAsync(Exchange, CancellationToken.None);
        await transport.DeclareQueueAsync(Queue, Failed, form, CancellationToken.None);
        await transport.BindAsync(Exchange, Queue, "#", CancellationToken.None);
        return transport;
    }
}

using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Tests.Transport;

public abstract partial class TransportConformance
{
    [Fact]
    public async Task Messages_collect_while_nobody_listens_and_come_in_the_order_of_publishing()
    {
        await using var transport = await BoundAsync();
        await PublishAsync(transport, 50);

        await using var deliveries = await Deliveries.OfAsync(transport, Queue);

        Deliveries.Texts(await deliveries.NextAsync(50)).Should().Equal(Enumerable.Range(0, 50).Select(number => $"{number}"));
    }

    [Fact]
    public async Task Messages_come_in_the_order_of_publishing_while_somebody_listens()
    {
        await using var transport = await BoundAsync();
        await using var deliveries = await Deliveries.OfAsync(transport, Queue, prefetch: 50);

        await PublishAsync(transport, 50);

        Deliveries.Texts(await deliveries.NextAsync(50)).Should().Equal(Enumerable.Range(0, 50).Select(number => $"{number}"));
    }

    [Fact]
    public async Task Message_given_back_comes_before_the_others()
    {
        await using var transport = await BoundAsync();
        await using var deliveries = await Deliveries.OfAsync(transport, Queue, prefetch: 1);
        await PublishAsync(transport, "one", "two");

        await (await deliveries.NextAsync()).GiveBackAsync();

        var again = await deliveries.NextAsync();
        await again.AcknowledgeAsync();
        var next = await deliveries.NextAsync();
        Deliveries.Texts([again, next]).Should().Equal("one", "two");
        again.Redelivered.Should().BeTrue();
        next.Redelivered.Should().BeFalse();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task No_more_than_the_prefetch_is_unsettled(int prefetch)
    {
        await using var transport = await BoundAsync();
        await using var deliveries = await Deliveries.OfAsync(transport, Queue, prefetch);

        await PublishAsync(transport, 10);

        var held = await deliveries.NextAsync(prefetch);
        (await Deliveries.DepthAsync(transport, Queue, 10 - prefetch, prefetch)).Should().Be(new QueueDepth(10 - prefetch, prefetch));
        deliveries.Waiting.Should().Be(0);
        await held[0].AcknowledgeAsync();
        Deliveries.Text(await deliveries.NextAsync()).Should().Be($"{prefetch}");
    }

    [Fact]
    public async Task Prefetch_below_one_is_an_error()
    {
        await using var transport = await BoundAsync();

        var consuming = () => transport.ConsumeAsync(Queue, 0, _ => Task.CompletedTask, CancellationToken.None);

        await consuming.Should().ThrowAsync<ArgumentOutOfRangeException>();
    }

    [Fact]
    public async Task Consuming_a_queue_that_is_not_declared_is_an_error()
    {
        await using var transport = await BoundAsync();

        var consuming = () => transport.ConsumeAsync($"{prefix}.none", 1, _ => Task.CompletedTask, CancellationToken.None);

        await consuming.Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task One_call_follows_the_other()
    {
        await using var transport = await BoundAsync();
        var running = 0;
        var most = 0;
        var calls = 0;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var consumer = await transport.ConsumeAsync(
            Queue,
            10,
            async delivery =>
            {
                most = Math.Max(most, Interlocked.Increment(ref running));
                await Task.Yield();
                await delivery.AcknowledgeAsync();
                Interlocked.Decrement(ref running);
                if (++calls == 100)
                {
                    done.SetResult();
                }
            },
            CancellationToken.None
        );

        await PublishAsync(transport, 100);
        await done.Task.WaitAsync(Deliveries.Limit);

        most.Should().Be(1);
    }

    [Fact]
    public async Task Call_may_return_before_its_delivery_is_settled()
    {
        await using var transport = await BoundAsync();
        await using var deliveries = await Deliveries.OfAsync(transport, Queue, prefetch: 2);
        await PublishAsync(transport, "one", "two", "three");

        var held = await deliveries.NextAsync(2);
        await held[1].AcknowledgeAsync();

        Deliveries.Text(await deliveries.NextAsync()).Should().Be("three");
        await held[0].AcknowledgeAsync();
        (await Deliveries.DepthAsync(transport, Queue, 0, 1)).Should().Be(new QueueDepth(0, 1));
    }

    [Fact]
    public async Task Exception_from_a_call_fails_its_delivery_and_the_next_one_comes()
    {
        await using var transport = await BoundAsync();
        var next = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var consumer = await transport.ConsumeAsync(
            Queue,
            1,
            async delivery =>
            {
                if (Deliveries.Text(delivery) == "one")
                {
                    throw new InvalidDataException("the first is broken");
                }

                next.SetResult(Deliveries.Text(delivery));
                await delivery.AcknowledgeAsync();
            },
            CancellationToken.None
        );

        await PublishAsync(transport, "one", "two");

        (await next.Task.WaitAsync(Deliveries.Limit)).Should().Be("two");
        await using var failed = await Deliveries.OfAsync(transport, Failed);
        var delivery = await failed.NextAsync();
        Deliveries.Text(delivery).Should().Be("one");
        delivery.FailureReason.Should().Contain("the first is broken");
        (await Deliveries.DepthAsync(transport, Queue, 0, 0)).Should().Be(new QueueDepth(0, 0));
    }

    [Fact]
    public async Task Exception_after_settling_leaves_the_settlement()
    {
        await using var transport = await BoundAsync();
        var next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var consumer = await transport.ConsumeAsync(
            Queue,
            1,
            async delivery =>
            {
                await delivery.AcknowledgeAsync();
                if (Deliveries.Text(delivery) == "one")
                {
                    throw new InvalidDataException("too late");
                }

                next.SetResult();
            },
            CancellationToken.None
        );

        await PublishAsync(transport, "one", "two");
        await next.Task.WaitAsync(Deliveries.Limit);

        (await Deliveries.DepthAsync(transport, Queue, 0, 0)).Should().Be(new QueueDepth(0, 0));
        (await Deliveries.DepthAsync(transport, Failed, 0, 0)).Should().Be(new QueueDepth(0, 0));
    }

    [Fact]
    public async Task Token_of_the_call_does_not_end_the_consumer()
    {
        await using var transport = await BoundAsync();
        using var stop = new CancellationTokenSource();
        var came = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var consumer = await transport.ConsumeAsync(
            Queue,
            1,
            delivery =>
            {
                came.SetResult(Deliveries.Text(delivery));
                return delivery.AcknowledgeAsync().AsTask();
            },
            stop.Token
        );

        await stop.CancelAsync();

        await PublishAsync(transport, "one");
        (await came.Task.WaitAsync(Deliveries.Limit)).Should().Be("one");
    }

    [Fact]
    public async Task Disposed_consumer_gives_back_what_is_unsettled_in_its_original_order()
    {
        await using var transport = await BoundAsync();
        var first = await Deliveries.OfAsync(transport, Queue, prefetch: 6);
        await PublishAsync(transport, 8);
        var held = await first.NextAsync(6);
        await held[3].AcknowledgeAsync();
        await held[0].AcknowledgeAsync();

        await first.DisposeAsync();

        await using var second = await Deliveries.OfAsync(transport, Queue, prefetch: 8);
        var again = await second.NextAsync(6);
        Deliveries.Texts(again).Should().Equal("1", "2", "4", "5", "6", "7");
        again.Take(4).Should().OnlyContain(delivery => delivery.Redelivered);
    }

    [Fact]
    public async Task Disposed_consumer_is_not_called_again()
    {
        await using var transport = await BoundAsync();
        var first = await Deliveries.OfAsync(transport, Queue);

        await first.DisposeAsync();

        await PublishAsync(transport, "one");
        await using var second = await Deliveries.OfAsync(transport, Queue);
        Deliveries.Text(await second.NextAsync()).Should().Be("one");
        first.Waiting.Should().Be(0);
    }

    [Fact]
    public async Task Consumer_may_be_disposed_twice()
    {
        await using var transport = await BoundAsync();
        var deliveries = await Deliveries.OfAsync(transport, Queue);
        await PublishAsync(transport, "one");
        await deliveries.NextAsync();

        await deliveries.DisposeAsync();
        await deliveries.DisposeAsync();

        (await Deliveries.DepthAsync(transport, Queue, 1, 0)).Should().Be(new QueueDepth(1, 0));
    }

    [Fact]
    public async Task Disposal_waits_for_the_running_call()
    {
        await using var transport = await BoundAsync();
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var mayEnd = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var consumer = await transport.ConsumeAsync(
            Queue,
            10,
            async delivery =>
            {
                began.TrySetResult();
                await mayEnd.Task;
                await delivery.AcknowledgeAsync();
            },
            CancellationToken.None
        );
        await PublishAsync(transport, "one", "two");
        await began.Task.WaitAsync(Deliveries.Limit);

        var disposal = consumer.DisposeAsync().AsTask();
        var early = disposal.IsCompleted;
        mayEnd.SetResult();
        await disposal.WaitAsync(Deliveries.Limit);

        early.Should().BeFalse();
        (await Deliveries.DepthAsync(transport, Queue, 1, 0)).Should().Be(new QueueDepth(1, 0));
        await using var second = await Deliveries.OfAsync(transport, Queue);
        Deliveries.Text(await second.NextAsync()).Should().Be("two");
    }

    [Fact]
    public async Task Message_that_was_not_settled_comes_to_another_consumer()
    {
        await using var transport = await BoundAsync();
        var first = await Deliveries.OfAsync(transport, Queue, prefetch: 1);
        await PublishAsync(transport, "one");
        await first.NextAsync();
        await using var second = await Deliveries.OfAsync(transport, Queue, prefetch: 1);

        await first.DisposeAsync();

        var again = await second.NextAsync();
        Deliveries.Text(again).Should().Be("one");
        again.Redelivered.Should().BeTrue();
    }

    [Fact]
    public async Task Consumers_of_one_queue_share_it_fairly()
    {
        await using var transport = await BoundAsync();
        await using var first = await Deliveries.OfAsync(transport, Queue, prefetch: 100);
        await using var second = await Deliveries.OfAsync(transport, Queue, prefetch: 100);

        await PublishAsync(transport, 100);

        var one = await first.NextAsync(40);
        var two = await second.NextAsync(40);
        (await Deliveries.DepthAsync(transport, Queue, 0, 100)).Should().Be(new QueueDepth(0, 100));
        Deliveries.Texts(one).Should().NotIntersectWith(Deliveries.Texts(two));
    }

    [Fact]
    public async Task Consumer_without_a_free_place_leaves_messages_to_the_other()
    {
        await using var transport = await BoundAsync();
        await using var first = await Deliveries.OfAsync(transport, Queue, prefetch: 1);
        await PublishAsync(transport, "held");
        await first.NextAsync();
        await using var second = await Deliveries.OfAsync(transport, Queue, prefetch: 10);

        await PublishAsync(transport, "one", "two", "three");

        Deliveries.Texts(await second.NextAsync(3)).Should().Equal("one", "two", "three");
    }

    [Fact]
    public async Task Consumers_that_come_and_go_do_not_disturb_another()
    {
        await using var transport = await BoundAsync();
        var busy = await AnotherQueueAsync(transport, "busy", "other");
        await using var deliveries = await Deliveries.OfAsync(transport, Queue, prefetch: 1);
        await PublishAsync(transport, "held", "next");
        var held = await deliveries.NextAsync();

        await Parallel.ForEachAsync(
            Enumerable.Range(0, 300),
            new ParallelOptions { MaxDegreeOfParallelism = 30 },
            async (_, _) => await (await Deliveries.OfAsync(transport, busy)).DisposeAsync()
        );

        held.Lost.IsCancellationRequested.Should().BeFalse();
        await held.AcknowledgeAsync();
        Deliveries.Text(await deliveries.NextAsync()).Should().Be("next");
    }
}

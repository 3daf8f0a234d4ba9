using Pipeline.Stages.Flow;
using Pipeline.Stages.Transport;
using Pipeline.Stages.Transport.Embedded;
using Pipeline.Stages.Transport.Piped;

namespace Pipeline.Stages.Tests.Transport.Piped;

/// <summary>A child's transport over its parent's behaves as that does; and what becomes of it when one of them dies.</summary>
public sealed class PipeTransportTests : TransportConformance
{
    protected override Task<ITransport> CreateAsync() => Task.FromResult<ITransport>(new Connected(new EmbeddedTransport()));

    [Fact]
    public async Task What_a_dead_child_had_not_settled_comes_again_and_what_it_had_does_not()
    {
        await using var embedded = await EmbeddedAsync();
        var child = new Connected(embedded);
        var deliveries = await Deliveries.OfAsync(child, "queue");
        await PublishAsync(embedded, "one", "two", "three");
        var held = await deliveries.NextAsync(3);
        await held[1].AcknowledgeAsync();

        await child.DieAsync();

        await using var other = await Deliveries.OfAsync(embedded, "queue");
        var again = await other.NextAsync(2);
        Deliveries.Texts(again).Should().Equal("one", "three");
        again.Should().OnlyContain(delivery => delivery.Redelivered);
        (await Deliveries.DepthAsync(embedded, "failed", 0, 0)).Should().Be(new QueueDepth(0, 0));
    }

    [Fact]
    public async Task Child_that_dies_in_a_call_fails_no_delivery()
    {
        await using var embedded = await EmbeddedAsync();
        var child = new Connected(embedded);
        var called = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await child.ConsumeAsync(
            "queue",
            2,
            async _ =>
            {
                called.TrySetResult();
                await Task.Delay(Timeout.Infinite);
            },
            CancellationToken.None
        );
        await PublishAsync(embedded, "one", "two");
        await called.Task.WaitAsync(Deliveries.Limit);

        await child.DieAsync().WaitAsync(Deliveries.Limit);

        (await Deliveries.DepthAsync(embedded, "queue", 2, 0)).Should().Be(new QueueDepth(2, 0));
        (await embedded.DepthAsync("failed", CancellationToken.None)).Should().Be(new QueueDepth(0, 0));
    }

    [Fact]
    public async Task Calls_of_a_child_whose_parent_is_gone_fail_with_a_fault_that_passes()
    {
        await using var embedded = await EmbeddedAsync();
        var child = new Connected(embedded);
        var deliveries = await Deliveries.OfAsync(child, "queue");
        await PublishAsync(embedded, "one");
        var held = await deliveries.NextAsync();

        await child.OrphanAsync();

        var settling = () => held.AcknowledgeAsync().AsTask();
        var error = (await settling.Should().ThrowAsync<Exception>()).Which;
        TransientFault.Of(error)!.Kind.Should().Be(TransientKind.Broker);
        await deliveries.DisposeAsync().AsTask().WaitAsync(Deliveries.Limit);
    }

    [Fact]
    public async Task Lost_connection_of_the_parent_is_told_to_the_child()
    {
        await using var embedded = await EmbeddedAsync();
        using var losing = new CancellationTokenSource();
        var child = new Connected(new LosesDeliveries(embedded, losing.Token));
        await using var deliveries = await Deliveries.OfAsync(child, "queue");
        await PublishAsync(embedded, "one");
        var held = await deliveries.NextAsync();
        var lost = new TaskCompletionSource();
        held.Lost.Register(lost.SetResult);

        await losing.CancelAsync();

        await lost.Task.WaitAsync(Deliveries.Limit);
    }

    private static async Task<EmbeddedTransport> EmbeddedAsync()
    {
        var embedded = new EmbeddedTransport();
        await embedded.DeclareExchangeAsync("exchange", CancellationToken.None);
        await embedded.DeclareQueueAsync("queue", "failed", QueueForm.Shared, CancellationToken.None);
        await embedded.BindAsync("exchange", "queue", "#", CancellationToken.None);
        return embedded;
    }

    private static async Task PublishAsync(EmbeddedTransport embedded, params string[] texts)
    {
        foreach (var text in texts)
        {
            await embedded.PublishAsync("exchange", "key", Deliveries.Message(text), CancellationToken.None);
        }
    }

    /// <summary>A parent's transport, and a child's over it.</summary>
    private sealed class Connected : DelegatingTransport
    {
        private readonly MemoryPipe pipe;
        private readonly ITransport parent;
        private readonly PipedCalls calls;
        private readonly PipeTransport child;
        private readonly Task[] reading;

        public Connected(ITransport parent)
            : this(new MemoryPipe(), parent) { }

        private Connected(MemoryPipe pipe, ITransport parent)
            : this(pipe, parent, pipe.Parent, pipe.Child) { }

        private Connected(MemoryPipe pipe, ITransport parent, PipeEnd parents, PipeEnd childs)
            : this(pipe, parent, parents, childs, new PipeTransport(childs, parent.AcknowledgementTimeout)) { }

        private Connected(MemoryPipe pipe, ITransport parent, PipeEnd parents, PipeEnd childs, PipeTransport child)
            : base(child)
        {
            (this.pipe, this.parent, this.child) = (pipe, parent, child);
            calls = new PipedCalls(parent, parents, _ => { });
            reading = [parents.ReadAsync(calls.Take), childs.ReadAsync(child.Take)];
        }

        public async Task DieAsync()
        {
            pipe.EndChild();
            await reading[0];
            await calls.DisposeAsync();
        }

        public async Task OrphanAsync()
        {
            pipe.EndParent();
            await reading[1];
            child.Close();
        }

        public override async ValueTask DisposeAsync()
        {
            await child.DisposeAsync();
            await calls.DisposeAsync();
            pipe.EndParent();
            pipe.EndChild();
            await Task.WhenAll(reading);
            pipe.Dispose();
            await parent.DisposeAsync();
            await base.DisposeAsync();
        }
    }

    private sealed class LosesDeliveries(ITransport transport, CancellationToken lost) : DelegatingTransport(transport)
    {
        public override Task<IConsumer> ConsumeAsync(
            string queue,
            int prefetch,
            Func<IDelivery, Task> onDelivery,
            CancellationToken stop
        ) => base.ConsumeAsync(queue, prefetch, delivery => onDelivery(new LostDelivery(delivery, lost)), stop);
    }

    private sealed class LostDelivery(IDelivery delivery, CancellationToken lost) : IDelivery
    {
        public Envelope Message => delivery.Message;

        public string RoutingKey => delivery.RoutingKey;

        public bool Redelivered => delivery.Redelivered;

        public int Attempts => delivery.Attempts;

        public CancellationToken Lost => lost;

        public ValueTask AcknowledgeAsync() => delivery.AcknowledgeAsync();

        public ValueTask GiveBackAsync() => delivery.GiveBackAsync();

        public ValueTask DelayAsync(TimeSpan wait) => delivery.DelayAsync(wait);

        public ValueTask FailAsync(string reason) => delivery.FailAsync(reason);
    }
}

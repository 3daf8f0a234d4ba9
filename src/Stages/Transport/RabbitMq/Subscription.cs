using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Pipeline.Stages.Transport.RabbitMq;

/// <summary>A consumer on one channel, from its opening to its end: an inbox of as many places as the prefetch, and a loop that makes one call after the other.</summary>
/// <remarks>The channel calls it for one delivery at a time, in the order of delivery tags.</remarks>
internal sealed class Subscription : IAsyncBasicConsumer, IDisposable
{
    private readonly RabbitMqConsumer consumer;
    private readonly OpenChannel open;
    private readonly Channel<RabbitMqDelivery> inbox;
    private readonly TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? tag;
    private int unsettled;
    private Task calls = Task.CompletedTask;

    internal Subscription(RabbitMqConsumer consumer, IChannel channel)
    {
        this.consumer = consumer;
        open = new OpenChannel(channel);
        inbox = System.Threading.Channels.Channel.CreateBounded<RabbitMqDelivery>(
            new BoundedChannelOptions(consumer.Prefetch) { SingleReader = true, SingleWriter = true }
        );
    }

    public IChannel Channel => open.Channel;

    internal string Queue => consumer.Queue;

    internal CancellationToken Lost => open.Lost;

    internal bool Disposed => consumer.Disposed;

    internal int Unsettled => Lost.IsCancellationRequested ? 0 : Volatile.Read(ref unsettled);

    /// <summary>Ends when the channel is gone.</summary>
    internal Task Gone => open.Gone;

    /// <summary>Ends when the channel is gone, or when the broker ended the subscription because the queue is.</summary>
    internal Task Ended => Task.WhenAny(open.Gone, cancelled.Task);

    /// <summary>The broker ended the subscription and left the channel open.</summary>
    internal bool Cancelled => cancelled.Task.IsCompleted && !open.Gone.IsCompleted;

    internal async Task BeginAsync()
    {
        await Channel.BasicQosAsync(0, (ushort)consumer.Prefetch, global: false);
        calls = CallAsync();
        tag = await Channel.BasicConsumeAsync(consumer.Queue, autoAck: false, this);
    }

    /// <summary>Gets no more, waits for the running call and gives back what no call has seen.</summary>
    internal async Task StopAsync()
    {
        if (tag is { } running && !open.Gone.IsCompleted)
        {
            await OpenChannel.IgnoreLossAsync(() => Channel.BasicCancelAsync(running));
            // What the broker sent before it stopped comes before this.
            await Task.WhenAny(stopped.Task, open.Gone);
        }

        inbox.Writer.TryComplete();
        await calls;
        while (inbox.Reader.TryRead(out var delivery))
        {
            if (delivery.TryClaim())
            {
                await GiveBackAsync(delivery);
            }
        }
    }

    /// <summary>Waits for the running call, then gives back what is unsettled in the order of delivery: closing the channel does that before another consumer's turn, which cancelling does not.</summary>
    internal async Task CloseAsync()
    {
        inbox.Writer.TryComplete();
        await calls;
        await open.CloseAsync();
    }

    /// <summary>What it brought and was not settled is the broker's again.</summary>
    internal async Task LoseAsync()
    {
        inbox.Writer.TryComplete();
        await open.LoseAsync();
        await open.CloseAsync();
    }

    internal async ValueTask AcknowledgeAsync(RabbitMqDelivery delivery)
    {
        Interlocked.Decrement(ref unsettled);
        await OpenChannel.IgnoreLossAsync(() => Channel.BasicAckAsync(delivery.Tag, multiple: false).AsTask());
    }

    internal async ValueTask GiveBackAsync(RabbitMqDelivery delivery)
    {
        Interlocked.Decrement(ref unsettled);
        await OpenChannel.IgnoreLossAsync(() => Channel.BasicNackAsync(delivery.Tag, multiple: false, requeue: true).AsTask());
    }

    /// <summary>Moves it to a queue where it waits; without one it is given back.</summary>
    internal async ValueTask DelayAsync(RabbitMqDelivery delivery, TimeSpan wait)
    {
        try
        {
            await consumer.Publisher.DelayAsync(Queue, delivery, wait, Lost);
        }
        catch (OperationCanceledException) when (Lost.IsCancellationRequested)
        {
            return;
        }
        catch (PublishException error) when (error.IsReturn)
        {
            await GiveBackAsync(delivery);
            return;
        }

        await AcknowledgeAsync(delivery);
    }

    internal async ValueTask FailAsync(RabbitMqDelivery delivery, string reason)
    {
        try
        {
            await consumer.Publisher.FailAsync(Queue, delivery, reason, Lost);
        }
        catch (OperationCanceledException) when (Lost.IsCancellationRequested)
        {
            return;
        }

        await AcknowledgeAsync(delivery);
    }

    public Task HandleBasicDeliverAsync(
        string consumerTag,
        ulong deliveryTag,
        bool redelivered,
        string exchange,
        string routingKey,
        IReadOnlyBasicProperties properties,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken = default
    )
    {
        Interlocked.Increment(ref unsettled);
        var delivery = new RabbitMqDelivery(this, deliveryTag, redelivered, routingKey, properties, body.ToArray());
        inbox.Writer.TryWrite(delivery); // One that finds no place any more comes back when the channel closes.
        return Task.CompletedTask;
    }

    public Task HandleBasicConsumeOkAsync(string consumerTag, CancellationToken cancellationToken = default) => Task.CompletedTask;

    public Task HandleBasicCancelOkAsync(string consumerTag, CancellationToken cancellationToken = default)
    {
        stopped.TrySetResult();
        return Task.CompletedTask;
    }

    public Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
    {
        cancelled.TrySetResult();
        return Task.CompletedTask;
    }

    public Task HandleChannelShutdownAsync(object channel, ShutdownEventArgs reason) => Task.CompletedTask;

    public void Dispose() => open.Dispose();

    private async Task CallAsync()
    {
        while (await inbox.Reader.WaitToReadAsync() && await consumer.CallAsync(inbox.Reader, Lost)) { }
    }
}

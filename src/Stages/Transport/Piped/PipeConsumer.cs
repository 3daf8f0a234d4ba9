using System.Collections.Concurrent;

namespace Pipeline.Stages.Transport.Piped;

/// <summary>The child's side of a consumer: calls for each delivery that its parent hands on, and says when the call has ended.</summary>
internal sealed class PipeConsumer(PipeTransport transport, PipeEnd pipe, long id, Func<IDelivery, Task> onDelivery) : IConsumer
{
    private readonly ConcurrentDictionary<long, CancellationTokenSource> unsettled = [];
    private volatile bool stopped;
    private int ended;

    /// <summary>Begins a call; the parent hands on no other before it has returned.</summary>
    public void Deliver(Delivered delivered)
    {
        var losing = new CancellationTokenSource();
        unsettled[delivered.Id] = losing;
        _ = Task.Run(() => CallAsync(new PipeDelivery(this, delivered, losing.Token)));
    }

    /// <summary>The connection that brought a delivery is gone.</summary>
    public void Lose(long delivery)
    {
        if (unsettled.TryRemove(delivery, out var lost))
        {
            lost.Cancel();
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync()
    {
        stopped = true;
        if (!transport.IsClosed)
        {
            await transport.AskAsync(call => new StopConsumerCall(call, id), CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        stopped = true;
        if (Interlocked.Exchange(ref ended, 1) == 0 && !transport.IsClosed)
        {
            await transport.AskAsync(call => new EndConsumerCall(call, id), CancellationToken.None);
            transport.Forget(id);
        }
    }

    /// <summary>Has the parent settle a delivery.</summary>
    internal async ValueTask SettleAsync(long delivery, SettleWay way, double waitSeconds = 0, string reason = "")
    {
        await transport.AskAsync(call => new SettleCall(call, delivery, way, waitSeconds, reason), CancellationToken.None);
        unsettled.TryRemove(delivery, out _);
    }

    private async Task CallAsync(PipeDelivery delivery)
    {
        string? thrown = null;
        var called = !stopped;
        try
        {
            if (called)
            {
                await onDelivery(delivery);
            }
        }
        catch (Exception error)
        {
            thrown = $"{error.GetType().Name}: {error.Message}";
        }

        pipe.Tell(new DeliveryReturned(delivery.Id, called, thrown));
    }
}

using System.Threading.Channels;

namespace Pipeline.Stages.Transport.Embedded;

/// <summary>One consumer: an inbox of as many places as its prefetch, and a loop that makes one call after the other.</summary>
internal sealed class EmbeddedConsumer : IConsumer
{
    private readonly EmbeddedQueue queue;
    private readonly Func<IDelivery, Task> onDelivery;
    private readonly Channel<EmbeddedDelivery> inbox;
    private readonly Task calls;
    private volatile bool stopped;

    internal EmbeddedConsumer(EmbeddedQueue queue, int prefetch, Func<IDelivery, Task> onDelivery)
    {
        this.queue = queue;
        this.onDelivery = onDelivery;
        Prefetch = prefetch;
        inbox = Channel.CreateBounded<EmbeddedDelivery>(new BoundedChannelOptions(prefetch) { SingleReader = true });
        calls = Task.Run(CallAsync);
    }

    internal int Prefetch { get; }

    internal bool Stopped => stopped;

    /// <summary>What it was handed and has not settled, at most <see cref="Prefetch"/>; under the queue's lock.</summary>
    internal HashSet<EmbeddedDelivery> Unsettled { get; } = [];

    /// <summary>Puts a delivery into the inbox, which has a place for each that may be unsettled.</summary>
    internal void Hand(EmbeddedDelivery delivery) => inbox.Writer.TryWrite(delivery);

    /// <summary>No call is begun from now on; the running one goes on.</summary>
    internal void Stop()
    {
        stopped = true;
        inbox.Writer.TryComplete();
    }

    public async Task StopAsync()
    {
        queue.Stop(this);
        await calls;
        queue.GiveBackUncalled(this);
    }

    public async ValueTask DisposeAsync()
    {
        queue.Stop(this);
        await calls;
        queue.Release(this);
    }

    private async Task CallAsync()
    {
        await foreach (var delivery in inbox.Reader.ReadAllAsync())
        {
            if (stopped)
            {
                return;
            }

            delivery.Called = true;
            try
            {
                await onDelivery(delivery);
            }
            catch (Exception error)
            {
                if (!await FailAsync(delivery, $"{error.GetType().Name}: {error.Message}"))
                {
                    return;
                }
            }
        }
    }

    private async Task<bool> FailAsync(EmbeddedDelivery delivery, string reason)
    {
        try
        {
            await queue.FailUnlessSettledAsync(delivery, reason);
            return true;
        }
        catch (ObjectDisposedException)
        {
            // The transport ended while the call ran, and every queue with it.
            return false;
        }
    }
}

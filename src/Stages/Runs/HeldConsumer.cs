using System.Threading.Channels;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Runs;

/// <summary>A consumer for work that may last longer than a delivery may stay unsettled: one that is not settled by then, begun or waiting,
/// is acknowledged before. What is settled sooner keeps the usual order: work, publish, acknowledge.</summary>
/// <remarks>Only for work that whoever leads the run next begins again: a message that was acknowledged before its work was done is gone with the host.</remarks>
internal sealed class HeldConsumer : IConsumer
{
    private const int MostWaiting = 1024;

    private readonly Channel<HeldDelivery> waiting = Channel.CreateBounded<HeldDelivery>(MostWaiting);
    private readonly Func<IDelivery, Task> onDelivery;
    private readonly Task calls;
    private IConsumer? consumer;
    private volatile bool stopped;

    private HeldConsumer(Func<IDelivery, Task> onDelivery)
    {
        this.onDelivery = onDelivery;
        calls = Task.Run(CallAsync);
    }

    /// <summary>As <see cref="ITransport.ConsumeAsync"/>. A delivery is acknowledged by itself after a third of the transport's time-out, if it has one.</summary>
    public static async Task<IConsumer> StartAsync(
        RunSite run,
        string queue,
        int prefetch,
        Func<IDelivery, Task> onDelivery,
        CancellationToken stop
    )
    {
        if (run.Transport.AcknowledgementTimeout is not { } limit)
        {
            return await run.Transport.ConsumeAsync(queue, prefetch, onDelivery, stop);
        }

        var held = new HeldConsumer(onDelivery);
        try
        {
            held.consumer = await run.Transport.ConsumeAsync(queue, prefetch, Take, stop);
            return held;
        }
        catch
        {
            await held.DisposeAsync();
            throw;
        }

        Task Take(IDelivery delivery) => held.TakeAsync(new HeldDelivery(delivery, limit / 3, run.Clock));
    }

    /// <inheritdoc/>
    public async Task StopAsync()
    {
        stopped = true;
        waiting.Writer.TryComplete();
        await (consumer?.StopAsync() ?? Task.CompletedTask);
        await calls;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await (consumer?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    private async Task TakeAsync(HeldDelivery delivery)
    {
        try
        {
            await waiting.Writer.WriteAsync(delivery);
        }
        catch (ChannelClosedException)
        {
            await delivery.GiveBackAsync();
            await delivery.DisposeAsync();
        }
    }

    private async Task CallAsync()
    {
        await foreach (var delivery in waiting.Reader.ReadAllAsync())
        {
            await using (delivery)
            {
                if (stopped)
                {
                    await delivery.GiveBackAsync();
                    continue;
                }

                try
                {
                    await onDelivery(delivery);
                }
                catch (Exception error)
                {
                    await delivery.FailAsync($"{error.GetType().Name}: {error.Message}");
                }
            }
        }
    }
}

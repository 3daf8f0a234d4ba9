using System.Threading.Channels;
using RabbitMQ.Client;

namespace Pipeline.Stages.Transport.RabbitMq;

/// <summary>One consumer: a subscription on a channel, and on the next channel when that one is lost.</summary>
/// <remarks>It declares nothing. A queue that is not there any more is looked for until it is declared again; only one that was deleted while
/// this consumer listened is given up.</remarks>
internal sealed class RabbitMqConsumer : IConsumer
{
    /// <summary>Between two attempts to consume a queue that is not there, and before a lost subscription is made anew.</summary>
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(500);

    private static readonly CreateChannelOptions Plain = new(
        publisherConfirmationsEnabled: false,
        publisherConfirmationTrackingEnabled: false,
        consumerDispatchConcurrency: 1
    );

    private readonly BrokerLink link;
    private readonly BrokerTopology topology;
    private readonly BrokerNotices notices;
    private readonly Func<IDelivery, Task> onDelivery;
    private readonly SemaphoreSlim turn = new(1);
    private readonly SemaphoreSlim stopping = new(1);
    private readonly CancellationTokenSource stopped = new();
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource began = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task serving;
    private volatile Subscription? subscription;
    private volatile bool disposed;

    internal RabbitMqConsumer(
        BrokerLink link,
        BrokerTopology topology,
        BrokerPublisher publisher,
        BrokerNotices notices,
        string queue,
        int prefetch,
        Func<IDelivery, Task> onDelivery
    )
    {
        this.link = link;
        this.topology = topology;
        this.notices = notices;
        this.onDelivery = onDelivery;
        Publisher = publisher;
        Queue = queue;
        Prefetch = prefetch;
        serving = ServeAsync();
    }

    internal BrokerPublisher Publisher { get; }

    internal string Queue { get; }

    internal int Prefetch { get; }

    internal bool Disposed => disposed;

    internal Action<RabbitMqConsumer> OnDisposed { get; init; } = _ => { };

    /// <summary>Ends when it listens for the first time.</summary>
    internal Task Began => began.Task;

    internal int Unsettled => subscription?.Unsettled ?? 0;

    /// <summary>The queue is about to be deleted: it is not consumed again, even if it is declared anew.</summary>
    /// <remarks>RabbitMQ 3.10 may take a consumer that was still there over to a queue that is declared at once under the same name.</remarks>
    internal async Task GiveUpAsync()
    {
        await stopped.CancelAsync();
        if (subscription is { } running)
        {
            await running.LoseAsync();
        }
    }

    public async Task StopAsync()
    {
        await stopping.WaitAsync();
        try
        {
            await stopped.CancelAsync();
            if (!disposed && subscription is { } running)
            {
                await running.StopAsync();
            }
        }
        finally
        {
            stopping.Release();
        }

        await TurnAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.WaitAsync();
        try
        {
            if (disposed)
            {
                return;
            }

            await stopped.CancelAsync();
            await TurnAsync();
            disposed = true;
            if (subscription is { } running)
            {
                await running.CloseAsync();
            }

            ended.TrySetResult();
            await serving;
            notices.Report(this, what: null);
            OnDisposed(this);
        }
        finally
        {
            stopping.Release();
        }
    }

    /// <summary>Makes one call, after those of an earlier subscription. False when no more must be made.</summary>
    internal async Task<bool> CallAsync(ChannelReader<RabbitMqDelivery> inbox, CancellationToken lost)
    {
        await turn.WaitAsync(CancellationToken.None);
        try
        {
            return !stopped.IsCancellationRequested
                && !lost.IsCancellationRequested
                && inbox.TryRead(out var delivery)
                && await CallAsync(delivery);
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<bool> CallAsync(RabbitMqDelivery delivery)
    {
        try
        {
            await onDelivery(delivery);
            return true;
        }
        catch (Exception error)
        {
            return await FailAsync(delivery, $"{error.GetType().Name}: {error.Message}");
        }
    }

    private static async Task<bool> FailAsync(RabbitMqDelivery delivery, string reason)
    {
        try
        {
            if (delivery.TryClaim())
            {
                await delivery.FailClaimedAsync(reason);
            }

            return true;
        }
        catch (ObjectDisposedException)
        {
            // The transport ended while the call ran; the broker has the message.
            return false;
        }
    }

    private async Task ServeAsync()
    {
        while (!stopped.IsCancellationRequested)
        {
            try
            {
                using var current = new Subscription(this, await link.OpenAsync(Plain, stopped.Token));
                await SubscribeAsync(current);
                await Task.Delay(BetweenAttempts, stopped.Token);
            }
            catch (OperationCanceledException)
            {
                return; // stopped, or the transport ended
            }
        }
    }

    private async Task SubscribeAsync(Subscription current)
    {
        subscription = current;
        if (await IsBegunAsync(current))
        {
            await Task.WhenAny(current.Ended, ended.Task);
            if (current.Cancelled && !await IsThereAsync())
            {
                await stopped.CancelAsync();
                await Task.WhenAny(current.Gone, ended.Task);
            }
        }

        if (!disposed)
        {
            await current.LoseAsync();
        }
    }

    private async Task<bool> IsBegunAsync(Subscription current)
    {
        try
        {
            await current.BeginAsync();
            notices.Report(this, what: null);
            began.TrySetResult();
            return true;
        }
        catch (Exception error) when (BrokerErrors.Refusal(error) is not null || BrokerErrors.IsPassing(error))
        {
            notices.Report(this, $"The queue {Queue} cannot be consumed ({error.Message}); it is consumed as soon as it is declared.");
            return false;
        }
    }

    private async Task TurnAsync()
    {
        await turn.WaitAsync();
        turn.Release();
    }

    private async Task<bool> IsThereAsync()
    {
        try
        {
            return await topology.CountAsync(Queue, stopped.Token) is not null;
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
        {
            return false;
        }
    }
}

using System.Collections.Concurrent;
using System.Globalization;
using Pipeline.Messages;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Pipeline.Stages.Transport.RabbitMq;

/// <summary>Publishes with confirms, many at a time on one channel; what was not confirmed is published again.</summary>
/// <remarks>Not through MassTransit's send endpoints: each declares its exchange whenever it gets a channel, and so brings back one that was deleted.</remarks>
internal sealed class BrokerPublisher : IAsyncDisposable
{
    /// <summary>Why a message was failed into its queue.</summary>
    internal const string ReasonHeader = "pipeline-reason";

    /// <summary>The key under which a message that failed or was put aside was published at first.</summary>
    internal const string KeyHeader = "pipeline-key";

    /// <summary>How often a message was put aside.</summary>
    internal const string AttemptsHeader = "pipeline-attempts";

    /// <summary>A broker that is well confirms within a second, unless it said that it takes nothing.</summary>
    private static readonly TimeSpan ConfirmLimit = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(100);

    private static readonly CreateChannelOptions Confirming = new(
        publisherConfirmationsEnabled: true,
        publisherConfirmationTrackingEnabled: true
    );

    private readonly BrokerLink link;
    private readonly BrokerTopology topology;
    private readonly ConcurrentDictionary<string, bool> declared = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource ended = new();
    private readonly Task serving;
    private volatile TaskCompletionSource<OpenChannel> opened = NextChannel();

    internal BrokerPublisher(BrokerLink link, BrokerTopology topology)
    {
        this.link = link;
        this.topology = topology;
        serving = ServeAsync();
    }

    /// <summary>Returns when the broker has the message.</summary>
    /// <exception cref="InvalidOperationException">The exchange is not declared.</exception>
    internal async ValueTask PublishAsync(string exchange, string key, Envelope message, CancellationToken stop)
    {
        var properties = Properties(message.Type);
        while (true)
        {
            if (!declared.ContainsKey(exchange))
            {
                await LookUpAsync(exchange, stop);
            }

            if (await TryAsync(exchange, key, mandatory: false, properties, message.Body, stop))
            {
                return;
            }
        }
    }

    /// <summary>Publishes a message that failed to the queue that is bound for those of <paramref name="queue"/>; to the end of this queue when there is none.</summary>
    internal async ValueTask FailAsync(string queue, IDelivery delivery, string reason, CancellationToken stop)
    {
        var properties = Moving(delivery, ReasonHeader, reason);
        try
        {
            while (!await TryAsync(BrokerTopology.FailedExchange, queue, mandatory: true, properties, delivery.Message.Body, stop)) { }
        }
        catch (PublishException error) when (error.IsReturn)
        {
            while (!await TryAsync("", queue, mandatory: false, properties, delivery.Message.Body, stop)) { }
        }
    }

    /// <summary>Publishes a message to the queue where those of <paramref name="queue"/> wait for so long.</summary>
    /// <exception cref="PublishException">It is returned: there is no such queue.</exception>
    internal async ValueTask DelayAsync(string queue, IDelivery delivery, TimeSpan wait, CancellationToken stop)
    {
        var properties = Moving(delivery, AttemptsHeader, (delivery.Attempts + 1).ToString(CultureInfo.InvariantCulture));
        while (!await TryAsync("", WaitQueues.For(queue, wait), mandatory: true, properties, delivery.Message.Body, stop)) { }
    }

    /// <summary>The exchange was deleted here; a publisher must look again.</summary>
    internal void Forget(string exchange) => declared.TryRemove(exchange, out _);

    /// <summary>Ends what is being published with an <see cref="ObjectDisposedException"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        await serving;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var open = new OpenChannel(await link.OpenAsync(Confirming, ended.Token));
                opened.TrySetResult(open);
                await open.Gone.WaitAsync(ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                opened = NextChannel();
                declared.Clear();
                await open.LoseAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // it ended
        }
    }

    private async Task<bool> TryAsync(
        string exchange,
        string key,
        bool mandatory,
        BasicProperties properties,
        ReadOnlyMemory<byte> body,
        CancellationToken stop
    )
    {
        ObjectDisposedException.ThrowIf(ended.IsCancellationRequested, this);
        stop.ThrowIfCancellationRequested();
        var opening = opened.Task;
        var open = opening.IsCompletedSuccessfully ? opening.Result : await OpeningAsync(opening, stop);
        try
        {
            // The channel's own end must end the wait for its confirm; a caller who gives up must not break the channel for the others.
            var publish = open.Channel.BasicPublishAsync(exchange, key, mandatory, properties, body, open.Lost).AsTask();
            await ConfirmedAsync(publish, open, stop);
            return true;
        }
        catch (Exception error) when (IsWorthAnother(error))
        {
            stop.ThrowIfCancellationRequested();
            declared.TryRemove(exchange, out _);
            await Task.Delay(BetweenAttempts, stop);
            return false;
        }
    }

    /// <summary>RabbitMQ 3.10 may keep back the confirm of a message for a queue that was deleted and declared again; a new channel gets one.</summary>
    private async Task ConfirmedAsync(Task publish, OpenChannel open, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                await publish.WaitAsync(ConfirmLimit, stop);
                return;
            }
            catch (TimeoutException) when (link.Blocked && !publish.IsCompleted)
            {
                // The broker said that it takes nothing; it has not lost anything.
            }
            catch (TimeoutException)
            {
                open.Abandon();
                throw;
            }
        }
    }

    /// <summary>A refusal closes the channel for all who publish at that time; who caused it learns so when the exchange is looked up.</summary>
    private static bool IsWorthAnother(Exception error) =>
        error is not PublishException { IsReturn: true }
        && (BrokerErrors.IsPassing(error) || BrokerErrors.Refusal(error) == Constants.NotFound);

    private async Task<OpenChannel> OpeningAsync(Task<OpenChannel> opening, CancellationToken stop)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop, ended.Token);
        try
        {
            return await opening.WaitAsync(both.Token);
        }
        catch (OperationCanceledException error) when (!stop.IsCancellationRequested)
        {
            throw new ObjectDisposedException("The transport was disposed while it published.", error);
        }
    }

    private async Task LookUpAsync(string exchange, CancellationToken stop)
    {
        if (!await topology.IsExchangeAsync(exchange, stop))
        {
            throw new InvalidOperationException(
                $"The exchange {exchange} is not there; it must be declared before anything is published to it. Declare it first."
            );
        }

        declared[exchange] = true;
    }

    private static BasicProperties Moving(IDelivery delivery, string header, string value)
    {
        var properties = Properties(delivery.Message.Type);
        properties.Headers?.Add(header, value);
        properties.Headers?.Add(KeyHeader, delivery.RoutingKey);
        return properties;
    }

    private static BasicProperties Properties(string type) =>
        new()
        {
            ContentType = "application/json",
            DeliveryMode = DeliveryModes.Persistent,
            Headers = new Dictionary<string, object?>(StringComparer.Ordinal) { [Wire.TypeHeader] = type },
        };

    private static TaskCompletionSource<OpenChannel> NextChannel() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

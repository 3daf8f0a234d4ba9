using System.Collections.Concurrent;
using MassTransit;
using MassTransit.RabbitMqTransport;
using Pipeline.Messages;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using PublishException = RabbitMQ.Client.Exceptions.PublishException;

namespace Pipeline.Stages.Transport.RabbitMq;

/// <summary>Publishes with confirms, many at a time on one channel; what was not confirmed is published again.</summary>
/// <remarks>Not through MassTransit's send endpoints: each declares its exchange whenever it gets a channel, and so brings back one that was deleted.</remarks>
internal sealed class BrokerPublisher : IFilter<ChannelContext>, IAsyncDisposable
{
    /// <summary>Why a message was failed into its queue.</summary>
    internal const string ReasonHeader = "pipeline-reason";

    /// <summary>The key under which a failed message was published at first.</summary>
    internal const string KeyHeader = "pipeline-key";

    /// <summary>A broker that is well confirms within a second, unless it said that it takes nothing.</summary>
    private static readonly TimeSpan ConfirmLimit = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(100);

    private readonly BrokerTopology topology;
    private readonly BrokerNotices notices;
    private readonly ConcurrentDictionary<string, bool> declared = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HostReceiveEndpointHandle handle;
    private volatile TaskCompletionSource<OpenChannel> opened = NextChannel();
    private volatile bool blocked;

    internal BrokerPublisher(BrokerLink link, BrokerTopology topology, BrokerNotices notices)
    {
        this.topology = topology;
        this.notices = notices;
        handle = link.Join(this);
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
        var properties = Properties(delivery.Message.Type);
        properties.Headers?.Add(ReasonHeader, reason);
        properties.Headers?.Add(KeyHeader, delivery.RoutingKey);
        try
        {
            while (!await TryAsync(BrokerTopology.FailedExchange, queue, mandatory: true, properties, delivery.Message.Body, stop)) { }
        }
        catch (PublishException error) when (error.IsReturn)
        {
            while (!await TryAsync("", queue, mandatory: false, properties, delivery.Message.Body, stop)) { }
        }
    }

    /// <summary>The exchange was deleted here; a publisher must look again.</summary>
    internal void Forget(string exchange) => declared.TryRemove(exchange, out _);

    public async Task Send(ChannelContext context, IPipe<ChannelContext> next)
    {
        using var open = new OpenChannel(context.Channel);
        var connection = context.ConnectionContext.Connection;
        connection.ConnectionBlockedAsync += BlockedAsync;
        connection.ConnectionUnblockedAsync += UnblockedAsync;
        opened.TrySetResult(open);
        await Task.WhenAny(open.Gone, ended.Task);
        opened = NextChannel();
        declared.Clear();
        await open.LoseAsync();
        connection.ConnectionBlockedAsync -= BlockedAsync;
        connection.ConnectionUnblockedAsync -= UnblockedAsync;
        blocked = false;
        notices.Report(this, what: null);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("publish");

    /// <summary>Ends what is being published with an <see cref="ObjectDisposedException"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        ended.TrySetResult();
        await BrokerLink.EndAsync(handle.StopAsync());
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
        ObjectDisposedException.ThrowIf(ended.Task.IsCompleted, this);
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
            await Task.WhenAny(Task.Delay(BetweenAttempts, stop), ended.Task);
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
            catch (TimeoutException) when (blocked && !publish.IsCompleted)
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
        await Task.WhenAny(opening, ended.Task).WaitAsync(stop);
        ObjectDisposedException.ThrowIf(ended.Task.IsCompleted, this);
        return await opening;
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

    private static BasicProperties Properties(string type) =>
        new()
        {
            ContentType = "application/json",
            DeliveryMode = DeliveryModes.Persistent,
            Headers = new Dictionary<string, object?>(StringComparer.Ordinal) { [Wire.TypeHeader] = type },
        };

    private static TaskCompletionSource<OpenChannel> NextChannel() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Task BlockedAsync(object sender, ConnectionBlockedEventArgs block)
    {
        blocked = true;
        notices.Report(this, $"The broker takes no messages at present ({block.Reason}); publishing waits. Free what the broker lacks.");
        return Task.CompletedTask;
    }

    private Task UnblockedAsync(object sender, AsyncEventArgs unblock)
    {
        blocked = false;
        notices.Report(this, what: null);
        return Task.CompletedTask;
    }
}

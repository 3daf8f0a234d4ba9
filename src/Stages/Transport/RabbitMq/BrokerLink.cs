using MassTransit;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Pipeline.Stages.Transport.RabbitMq;

/// <summary>One connection to the broker, which MassTransit opens, watches and opens again; publisher and consumers open their channels on it.</summary>
/// <remarks>
/// The filter ends MassTransit's pipe: behind it lie the filters that declare an exchange and a queue for each endpoint and wrap each message, none of which may happen here.
/// When it returns, it is called again with the next connection after about a second. MassTransit's own pauses grow to 30 s with every failed attempt, so it attempts nothing
/// before the broker was reached. Its own channel, which comes with the connection, stays idle: it disposes a channel as soon as it hears of its end, and where that is before
/// the client has told the channel's consumers, the client fails and takes the whole connection with it (RabbitMQ.Client 7.2.2).
/// </remarks>
internal sealed class BrokerLink : IFilter<ChannelContext>, IAsyncDisposable
{
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);

    private readonly BrokerConnector connector;
    private readonly BrokerNotices notices;
    private readonly CancellationTokenSource ended = new();
    private readonly IBusControl bus;
    private volatile TaskCompletionSource<IConnection> opened = NextConnection();
    private volatile bool blocked;

    internal BrokerLink(BrokerConnector connector, BrokerNotices notices, string name)
    {
        this.connector = connector;
        this.notices = notices;
        bus = Bus.Factory.CreateUsingRabbitMq(settings =>
            settings.Host("broker", "/", name, host => host.OnRefreshConnectionFactory = ReachAsync)
        );
        bus.ConnectReceiveEndpoint(
            "connection",
            settings =>
            {
                settings.ConfigureConsumeTopology = false;
                settings.ConcurrentMessageLimit = 1;
                ((IRabbitMqReceiveEndpointConfigurator)settings).ConfigureChannel(channel => channel.UseFilter(this));
            }
        );
    }

    /// <summary>The broker said that it takes no messages at present.</summary>
    internal bool Blocked => blocked;

    internal Task StartAsync(CancellationToken stop) => bus.StartAsync(stop);

    /// <summary>Opens a channel as soon as there is a connection.</summary>
    /// <exception cref="OperationCanceledException">Asked to stop, or the link ended.</exception>
    internal async Task<IChannel> OpenAsync(CreateChannelOptions options, CancellationToken stop)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop, ended.Token);
        while (true)
        {
            both.Token.ThrowIfCancellationRequested();
            var connection = await opened.Task.WaitAsync(both.Token);
            try
            {
                return await connection.CreateChannelAsync(options, CancellationToken.None);
            }
            catch (Exception error) when (BrokerErrors.IsPassing(error))
            {
                notices.Report(this, error.Message);
                await Task.Delay(BetweenAttempts, both.Token);
            }
        }
    }

    public async Task Send(ChannelContext context, IPipe<ChannelContext> next)
    {
        var connection = context.ConnectionContext.Connection;
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ConnectionShutdownAsync += LoseAsync;
        connection.ConnectionBlockedAsync += BlockedAsync;
        connection.ConnectionUnblockedAsync += UnblockedAsync;
        if (connection.IsOpen)
        {
            opened.TrySetResult(connection);
            await gone.Task.WaitAsync(ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            opened = NextConnection();
        }

        connection.ConnectionShutdownAsync -= LoseAsync;
        connection.ConnectionBlockedAsync -= BlockedAsync;
        connection.ConnectionUnblockedAsync -= UnblockedAsync;
        blocked = false;
        notices.Report(this, what: null);

        Task LoseAsync(object sender, ShutdownEventArgs reason)
        {
            gone.TrySetResult();
            return Task.CompletedTask;
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("link");

    /// <summary>Closes the connection. Waits for MassTransit, but not for ever: its channels are closed by then.</summary>
    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        await Task.WhenAny(bus.StopAsync(), Task.Delay(EndLimit));
        notices.Report(this, what: null);
    }

    private static TaskCompletionSource<IConnection> NextConnection() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task ReachAsync(ConnectionFactory factory)
    {
        connector.Configure(factory);
        while (!await IsReachedAsync())
        {
            await Task.Delay(BetweenAttempts, ended.Token);
        }
    }

    private async Task<bool> IsReachedAsync()
    {
        try
        {
            await using var connection = await connector.OpenAsync("attempt", ended.Token);
            await connection.CloseAsync(ended.Token);
            notices.Report(this, what: null);
            return true;
        }
        catch (BrokerException error)
        {
            notices.Report(this, error.Message);
            return false;
        }
    }

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

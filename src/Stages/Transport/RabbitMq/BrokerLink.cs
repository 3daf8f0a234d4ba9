using MassTransit;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;

namespace Pipeline.Stages.Transport.RabbitMq;

/// <summary>One connection to the broker, which MassTransit opens, watches and opens again; whoever joins is handed a channel each time.</summary>
/// <remarks>A joined filter ends MassTransit's pipe: behind it lie the filters that declare an exchange and a queue for each endpoint and wrap each message,
/// none of which may happen here. A filter that returns is called again with a new channel after about a second. MassTransit's own pauses grow
/// to 30 s with every failed attempt, so it attempts nothing before the broker was reached.</remarks>
internal sealed class BrokerLink : IAsyncDisposable
{
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);

    private readonly BrokerConnector connector;
    private readonly BrokerNotices notices;
    private readonly CancellationTokenSource ended = new();
    private readonly IBusControl bus;
    private int joined;

    internal BrokerLink(BrokerConnector connector, BrokerNotices notices, string name, bool confirms)
    {
        this.connector = connector;
        this.notices = notices;
        bus = Bus.Factory.CreateUsingRabbitMq(settings =>
            settings.Host(
                "broker",
                "/",
                name,
                host =>
                {
                    host.PublisherConfirmation = confirms;
                    host.OnRefreshConnectionFactory = ReachAsync;
                }
            )
        );
    }

    internal Task StartAsync(CancellationToken stop) => bus.StartAsync(stop);

    /// <summary>Hands the filter one channel after another until the handle is stopped.</summary>
    internal HostReceiveEndpointHandle Join(IFilter<ChannelContext> filter) =>
        bus.ConnectReceiveEndpoint(
            $"channel-{Interlocked.Increment(ref joined)}",
            settings =>
            {
                settings.ConfigureConsumeTopology = false;
                settings.ConcurrentMessageLimit = 1;
                ((IRabbitMqReceiveEndpointConfigurator)settings).ConfigureChannel(channel => channel.UseFilter(filter));
            }
        );

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        await EndAsync(bus.StopAsync());
        notices.Report(this, what: null);
    }

    /// <summary>Waits for MassTransit to end something, but not for ever: its channels are closed by then.</summary>
    internal static Task EndAsync(Task ending) => Task.WhenAny(ending, Task.Delay(EndLimit));

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
}

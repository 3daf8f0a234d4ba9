using RabbitMQ.Client;

namespace Pipeline.Stages.Transport.RabbitMq;

/// <summary>Opens connections to the first node that answers, and says in one sentence why none does.</summary>
internal sealed class BrokerConnector(BrokerOptions options)
{
    /// <summary>For all nodes together; within it each has an equal part.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(8);

    private readonly BrokerTls? tls = options.Tls ? new BrokerTls(options) : null;
    private volatile AmqpTcpEndpoint? reached;

    private TimeSpan LimitOfOne => Limit / options.Addresses.Count;

    /// <summary>Sets everything that a connection needs; it goes to the node that was reached last.</summary>
    internal void Configure(ConnectionFactory factory)
    {
        factory.UserName = options.User;
        factory.Password = options.Password;
        factory.VirtualHost = options.VirtualHost;
        factory.RequestedHeartbeat = options.Heartbeat;
        factory.AutomaticRecoveryEnabled = false;
        factory.TopologyRecoveryEnabled = false;
        factory.RequestedConnectionTimeout = LimitOfOne;
        factory.HandshakeContinuationTimeout = LimitOfOne;
        factory.EndpointResolverFactory = _ => new Nodes(reached is { } node ? [node] : [.. options.Addresses.Select(Endpoint)]);
    }

    /// <summary>Connects without recovery: whoever asks knows what to do when the connection is lost.</summary>
    /// <exception cref="BrokerException">No node can be entered; within 10 s.</exception>
    internal async Task<IConnection> OpenAsync(string name, CancellationToken stop)
    {
        var factory = new ConnectionFactory();
        Configure(factory);
        var failures = new List<BrokerException>();
        foreach (var address in options.Addresses)
        {
            try
            {
                return await OpenAsync(factory, address, name, stop);
            }
            catch (BrokerException failure)
            {
                failures.Add(failure);
            }
        }

        throw failures.Count == 1
            ? failures[0]
            : new BrokerException(string.Join(' ', failures.Select(failure => failure.Message)), failures[0]);
    }

    private async Task<IConnection> OpenAsync(ConnectionFactory factory, BrokerAddress address, string name, CancellationToken stop)
    {
        var endpoint = Endpoint(address);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(LimitOfOne);
        tls?.Distrust = null;
        try
        {
            // The client takes 5 s more to give up when its token ends.
            var connection = await factory.CreateConnectionAsync(new Nodes([endpoint]), name, limit.Token).WaitAsync(limit.Token);
            BrokerFault.CheckVersion(address, connection);
            // The broker refuses a virtual host only when the first thing is asked in it.
            await using var channel = await connection.CreateChannelAsync(cancellationToken: limit.Token);
            reached = endpoint;
            return connection;
        }
        catch (Exception error) when (!stop.IsCancellationRequested && error is not BrokerException)
        {
            throw BrokerFault.Of(address, options, error, tls?.Distrust);
        }
    }

    private AmqpTcpEndpoint Endpoint(BrokerAddress address) => new(address.Host, address.Port, tls?.For(address.Host) ?? new SslOption());

    private sealed class Nodes(IReadOnlyList<AmqpTcpEndpoint> endpoints) : IEndpointResolver
    {
        public IEnumerable<AmqpTcpEndpoint> All() => endpoints;
    }
}

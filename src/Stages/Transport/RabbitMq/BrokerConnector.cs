using RabbitMQ.Client;

namespace Pipeline.Stages.Transport.RabbitMq;

/// <summary>Opens connections to the first node that answers, and says in one sentence why none does.</summary>
internal sealed class BrokerConnector(BrokerOptions options)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(9);

    private volatile AmqpTcpEndpoint? reached;

    /// <summary>Sets everything that a connection needs; it goes to the node that <see cref="OpenAsync"/> reached last.</summary>
    internal void Configure(ConnectionFactory factory)
    {
        factory.UserName = options.User;
        factory.Password = options.Password;
        factory.VirtualHost = options.VirtualHost;
        factory.RequestedHeartbeat = options.Heartbeat;
        factory.AutomaticRecoveryEnabled = false;
        factory.TopologyRecoveryEnabled = false;
        factory.RequestedConnectionTimeout = TimeSpan.FromSeconds(3);
        factory.HandshakeContinuationTimeout = TimeSpan.FromSeconds(5);
        factory.EndpointResolverFactory = _ => new Nodes(reached is { } node ? [node] : [.. options.Addresses.Select(Endpoint)]);
    }

    /// <summary>Connects without recovery: whoever asks knows what to do when the connection is lost.</summary>
    /// <exception cref="BrokerException">No node can be entered; within 10 s.</exception>
    internal async Task<IConnection> OpenAsync(string name, CancellationToken stop)
    {
        var factory = new ConnectionFactory();
        Configure(factory);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(Limit);
        var failures = new List<BrokerException>();
        foreach (var address in options.Addresses)
        {
            var endpoint = Endpoint(address);
            try
            {
                var connection = await factory.CreateConnectionAsync(new Nodes([endpoint]), name, limit.Token);
                reached = endpoint;
                return connection;
            }
            catch (Exception error) when (!stop.IsCancellationRequested)
            {
                failures.Add(
                    new BrokerException($"The broker {address} cannot be used: {error.InnerException?.Message ?? error.Message}", error)
                );
            }
        }

        throw failures[0];
    }

    private AmqpTcpEndpoint Endpoint(BrokerAddress address) =>
        new(address.Host, address.Port, new SslOption(address.Host, enabled: options.Tls));

    private sealed class Nodes(IReadOnlyList<AmqpTcpEndpoint> endpoints) : IEndpointResolver
    {
        public IEnumerable<AmqpTcpEndpoint> All() => endpoints;
    }
}

using Pipeline.Stages.Transport;
using Pipeline.Stages.Transport.RabbitMq;
using Pipeline.Tests.Broker;
using BrokerOptions = Pipeline.Stages.Transport.RabbitMq.BrokerOptions;

namespace Pipeline.Benchmarks.Cluster;

/// <summary>The newest RabbitMQ that <c>infra/setup.sh --tests</c> has unpacked, started for one benchmark.</summary>
internal sealed class BenchBroker : IAsyncDisposable
{
    private readonly BrokerServer server;

    private BenchBroker(BrokerServer server) => this.server = server;

    /// <summary>Where guest has the password guest.</summary>
    public Uri Address => server.Address;

    /// <summary>The server's version.</summary>
    public string Version => server.Version;

    /// <summary>Starts it.</summary>
    public static async Task<BenchBroker> StartAsync()
    {
        var installed =
            InstalledBroker.All.Count > 0
                ? InstalledBroker.All[0]
                : throw new InvalidOperationException(
                    "RabbitMQ is not in artifacts/brokers; it must be there to measure with. Run infra/setup.sh --tests."
                );
        return new BenchBroker(await BrokerServer.StartAsync(installed));
    }

    /// <summary>A transport of its own, connected.</summary>
    public Task<ITransport> ConnectAsync() => ConnectAsync(Address);

    /// <summary>A transport connected to this address.</summary>
    public static async Task<ITransport> ConnectAsync(Uri broker) =>
        await RabbitMqTransport.ConnectAsync(
            BrokerOptions.Parse(broker.OriginalString, _ => null),
            notice => Console.Error.WriteLine(notice),
            CancellationToken.None
        );

    /// <summary>Ends the server.</summary>
    public ValueTask DisposeAsync() => server.DisposeAsync();
}

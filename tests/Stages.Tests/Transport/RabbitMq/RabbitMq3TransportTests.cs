using Pipeline.Stages.Transport;
using Pipeline.Tests.Broker;

namespace Pipeline.Stages.Tests.Transport.RabbitMq;

[Trait("Kind", "Broker")]
public sealed class RabbitMq3TransportTests(SharedBroker brokers) : TransportConformance
{
    protected override async Task<ITransport> CreateAsync() => await BrokerAt.ConnectAsync(await brokers.ServerAsync("3.10"));
}

using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Tests.Transport.RabbitMq;

[Trait("Kind", "Broker")]
public sealed class RabbitMq3TransportTests : TransportConformance
{
    protected override async Task<ITransport> CreateAsync() => await Trial.ConnectAsync(3);
}

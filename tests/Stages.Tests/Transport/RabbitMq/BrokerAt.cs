using Pipeline.Stages.Transport.RabbitMq;
using Pipeline.Tests.Broker;
using BrokerOptions = Pipeline.Stages.Transport.RabbitMq.BrokerOptions;

namespace Pipeline.Stages.Tests.Transport.RabbitMq;

/// <summary>Enters a broker of the tests.</summary>
internal static class BrokerAt
{
    internal static BrokerOptions Options(Uri address) => BrokerOptions.Parse(address.ToString(), _ => null);

    internal static Task<RabbitMqTransport> ConnectAsync(BrokerServer broker, Action<string?>? notice = null) =>
        RabbitMqTransport.ConnectAsync(Options(broker.Address), notice ?? (_ => { }), CancellationToken.None);
}

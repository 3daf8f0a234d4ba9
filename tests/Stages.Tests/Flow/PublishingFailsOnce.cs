using Pipeline.Stages.Tests.Transport;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Tests.Flow;

/// <summary>A transport whose first message cannot be published.</summary>
internal sealed class PublishingFailsOnce(ITransport transport) : DelegatingTransport(transport)
{
    private int published;

    public override ValueTask PublishAsync(string exchange, string routingKey, Envelope message, CancellationToken stop) =>
        Interlocked.Increment(ref published) == 1
            ? throw new IOException("The connection is gone.")
            : base.PublishAsync(exchange, routingKey, message, stop);
}

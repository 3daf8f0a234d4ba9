using System.Globalization;
using System.Text;
using Pipeline.Messages;
using RabbitMQ.Client;

namespace Pipeline.Stages.Transport.RabbitMq;

/// <summary>One delivery, settled on the channel that brought it.</summary>
internal sealed class RabbitMqDelivery(
    Subscription subscription,
    ulong tag,
    bool redelivered,
    string key,
    IReadOnlyBasicProperties properties,
    ReadOnlyMemory<byte> body
) : IDelivery
{
    private int settled;

    public Envelope Message { get; } = new(Header(properties, Wire.TypeHeader) ?? "", body);

    public string RoutingKey => Header(properties, BrokerPublisher.KeyHeader) ?? key;

    public string? FailureReason => Header(properties, BrokerPublisher.ReasonHeader);

    public bool Redelivered => redelivered || Attempts > 0;

    public int Attempts { get; } =
        int.TryParse(Header(properties, BrokerPublisher.AttemptsHeader), CultureInfo.InvariantCulture, out var found) ? found : 0;

    public CancellationToken Lost => subscription.Lost;

    internal ulong Tag => tag;

    public ValueTask AcknowledgeAsync()
    {
        Claim();
        return subscription.AcknowledgeAsync(this);
    }

    public ValueTask GiveBackAsync()
    {
        Claim();
        return subscription.GiveBackAsync(this);
    }

    public ValueTask DelayAsync(TimeSpan wait)
    {
        Claim();
        return subscription.DelayAsync(this, wait);
    }

    public ValueTask FailAsync(string reason)
    {
        Claim();
        return subscription.FailAsync(this, reason);
    }

    /// <summary>Fails it for a caller who claimed it.</summary>
    internal ValueTask FailClaimedAsync(string reason) => subscription.FailAsync(this, reason);

    /// <summary>True for the first who settles it.</summary>
    internal bool TryClaim() => Interlocked.Exchange(ref settled, 1) == 0;

    private void Claim()
    {
        if (!TryClaim() || (subscription.Disposed && !Lost.IsCancellationRequested))
        {
            throw new InvalidOperationException(
                $"A delivery of {Message.Type} from {subscription.Queue} is settled already, or was given back when its consumer stopped; it must be settled once. "
                    + "Acknowledge, give back or fail it in one place, before the consumer is disposed."
            );
        }
    }

    private static string? Header(IReadOnlyBasicProperties properties, string name) =>
        properties.Headers is { } headers && headers.TryGetValue(name, out var value)
            ? value switch
            {
                byte[] bytes => Encoding.UTF8.GetString(bytes),
                _ => value?.ToString(),
            }
            : null;
}

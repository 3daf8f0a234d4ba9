using Pipeline.Messages;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Tests.Flow;

/// <summary>A delivery that counts how often it is settled, in any way.</summary>
internal sealed class UnsettledDelivery(BatchReady message) : IDelivery
{
    public int Settled { get; private set; }

    public CancellationToken Lost { get; init; }

    public Envelope Message { get; } = Envelope.Of(message);

    public string RoutingKey => "1.source";

    public bool Redelivered => false;

    public int Attempts { get; init; }

    /// <summary>How long it was put aside at last; null when it was not.</summary>
    public TimeSpan? Delayed { get; private set; }

    public ValueTask AcknowledgeAsync() => Settle();

    public ValueTask GiveBackAsync() => Settle();

    public ValueTask DelayAsync(TimeSpan wait)
    {
        Delayed = wait;
        return Settle();
    }

    public ValueTask FailAsync(string reason) => Settle();

    private ValueTask Settle()
    {
        Settled++;
        return ValueTask.CompletedTask;
    }
}

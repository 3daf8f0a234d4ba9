namespace Pipeline.Stages.Transport.Embedded;

/// <summary>One delivery; the queue keeps its books.</summary>
internal sealed class EmbeddedDelivery(EmbeddedQueue queue, EmbeddedConsumer consumer, StoredMessage stored, long place) : IDelivery
{
    public Envelope Message => Stored.Message;

    public string RoutingKey => Stored.RoutingKey;

    public string? FailureReason => Stored.FailureReason;

    public bool Redelivered => Stored.Place > 0 || Attempts > 0;

    public int Attempts => Stored.Attempts;

    internal EmbeddedConsumer Consumer => consumer;

    internal StoredMessage Stored => stored;

    internal long Place => place;

    /// <summary>True once it was handed to a call; written by the consumer's loop, read when that has ended.</summary>
    internal bool Called { get; set; }

    /// <summary>True from the moment of settling; under the queue's lock.</summary>
    internal bool Settled { get; set; }

    public ValueTask AcknowledgeAsync()
    {
        queue.Acknowledge(this);
        return ValueTask.CompletedTask;
    }

    public ValueTask GiveBackAsync()
    {
        queue.GiveBack(this);
        return ValueTask.CompletedTask;
    }

    public ValueTask DelayAsync(TimeSpan wait)
    {
        queue.Delay(this, wait);
        return ValueTask.CompletedTask;
    }

    public ValueTask FailAsync(string reason) => queue.FailAsync(this, reason);
}

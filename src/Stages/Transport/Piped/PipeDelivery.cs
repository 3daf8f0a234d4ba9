namespace Pipeline.Stages.Transport.Piped;

/// <summary>A delivery that the parent holds.</summary>
internal sealed class PipeDelivery(PipeConsumer consumer, Delivered delivered, CancellationToken lost) : IDelivery
{
    public long Id => delivered.Id;

    public Envelope Message { get; } = new(delivered.Type, delivered.Body);

    public string RoutingKey => delivered.Key;

    public string? FailureReason => delivered.Reason;

    public bool Redelivered => delivered.Redelivered;

    public int Attempts => delivered.Attempts;

    public CancellationToken Lost => lost;

    public ValueTask AcknowledgeAsync() => consumer.SettleAsync(Id, SettleWay.Acknowledge);

    public ValueTask GiveBackAsync() => consumer.SettleAsync(Id, SettleWay.GiveBack);

    public ValueTask DelayAsync(TimeSpan wait) => consumer.SettleAsync(Id, SettleWay.Delay, waitSeconds: wait.TotalSeconds);

    public ValueTask FailAsync(string reason) => consumer.SettleAsync(Id, SettleWay.Fail, reason: reason);
}

using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Runs;

/// <summary>A delivery that is acknowledged by itself before the transport takes it away; settling it after that does nothing.</summary>
/// <remarks>For work that is driven again when the host that does it dies, and so need not hold its message to the end.</remarks>
internal sealed class HeldDelivery : IDelivery, IAsyncDisposable
{
    private readonly IDelivery delivery;
    private readonly CancellationTokenSource over = new();
    private readonly Task early;
    private int settled;

    /// <summary>Holds a delivery.</summary>
    /// <param name="delivery">The delivery.</param>
    /// <param name="longest">How long it may stay unsettled.</param>
    /// <param name="clock">Measures that.</param>
    public HeldDelivery(IDelivery delivery, TimeSpan longest, TimeProvider clock)
    {
        this.delivery = delivery;
        early = AcknowledgeAfterAsync(longest, clock);
    }

    public Envelope Message => delivery.Message;

    public string RoutingKey => delivery.RoutingKey;

    public string? FailureReason => delivery.FailureReason;

    public bool Redelivered => delivery.Redelivered;

    public int Attempts => delivery.Attempts;

    public CancellationToken Lost => delivery.Lost;

    public ValueTask AcknowledgeAsync() => Settle() ? delivery.AcknowledgeAsync() : ValueTask.CompletedTask;

    public ValueTask GiveBackAsync() => Settle() ? delivery.GiveBackAsync() : ValueTask.CompletedTask;

    public ValueTask DelayAsync(TimeSpan wait) => Settle() ? delivery.DelayAsync(wait) : ValueTask.CompletedTask;

    public ValueTask FailAsync(string reason) => Settle() ? delivery.FailAsync(reason) : ValueTask.CompletedTask;

    /// <summary>From now on it is no longer acknowledged by itself.</summary>
    public async ValueTask DisposeAsync()
    {
        await over.CancelAsync();
        await early;
        over.Dispose();
    }

    private bool Settle() => Interlocked.Exchange(ref settled, 1) == 0;

    private async Task AcknowledgeAfterAsync(TimeSpan longest, TimeProvider clock)
    {
        try
        {
            await Task.Delay(longest, clock, over.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        await AcknowledgeAsync();
    }
}

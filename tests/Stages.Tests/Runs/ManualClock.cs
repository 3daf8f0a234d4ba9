using Pipeline.Stages.Tests.Transport;

namespace Pipeline.Stages.Tests.Runs;

/// <summary>A clock that goes only when told; a timer that is due fires within <see cref="Advance"/>.</summary>
internal sealed class ManualClock : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<Due> timers = [];
    private long now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Volatile.Read(ref now);

    /// <summary>Completes when so many timers run.</summary>
    public async Task TimersAsync(int count)
    {
        using var limit = new CancellationTokenSource(Deliveries.Limit);
        while (Running < count)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private int Running
    {
        get
        {
            lock (gate)
            {
                return timers.Count;
            }
        }
    }

    public void Advance(TimeSpan time)
    {
        Due[] due;
        lock (gate)
        {
            now += time.Ticks;
            due = [.. timers.Where(timer => timer.At <= now)];
            timers.RemoveAll(timer => timer.At <= now);
        }

        Array.ForEach(due, timer => timer.Fire());
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Due(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Due(ManualClock clock, Action fire) : ITimer
    {
        public long At { get; private set; }

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock.gate)
            {
                clock.timers.Remove(this);
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    At = clock.now + dueTime.Ticks;
                    clock.timers.Add(this);
                }

                return true;
            }
        }

        public void Dispose()
        {
            lock (clock.gate)
            {
                clock.timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

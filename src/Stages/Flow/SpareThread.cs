namespace Pipeline.Stages.Flow;

/// <summary>A thread that makes one call after the other, and may be left behind with one that does not come back.</summary>
internal sealed class SpareThread
{
    private readonly object gate = new(); // waited on, which a Lock cannot be
    private Action? work;
    private bool ended;

    /// <summary>Starts it; it does not keep the process.</summary>
    public SpareThread() => new Thread(Work) { IsBackground = true, Name = "pipeline stage call" }.Start();

    /// <summary>Makes a call, which must not throw. The one before has come back.</summary>
    public void Begin(Action call)
    {
        lock (gate)
        {
            work = call;
            Monitor.Pulse(gate);
        }
    }

    /// <summary>No call follows. May be said by the last one.</summary>
    public void End()
    {
        lock (gate)
        {
            ended = true;
            Monitor.Pulse(gate);
        }
    }

    private void Work()
    {
        while (Next() is { } call)
        {
            call();
        }
    }

    private Action? Next()
    {
        lock (gate)
        {
            while (work is null && !ended)
            {
                Monitor.Wait(gate);
            }

            var call = work;
            work = null;
            return call;
        }
    }
}

namespace Pipeline.Stages.Flow;

/// <summary>The model calls that a host makes at one time for one kind of stage: as many as the graph with the most lanes may make.</summary>
/// <remarks>Start-time fair queuing (Goyal, Vin and Cheng 1996), a turn being one model call: of the runs that wait, the one with the least
/// virtual time is next, and its time grows by 1 ÷ weight. A run that comes late begins at the time that is, so it neither waits for what
/// the others had before it came nor makes up for that.</remarks>
public sealed class StageLanes
{
    private readonly Lock gate = new();
    private readonly List<RunLane> runs = [];
    private int taken;
    private long time;

    /// <summary>Runs that wait for a turn now.</summary>
    internal int RunsWaiting
    {
        get
        {
            lock (gate)
            {
                return runs.Count(run => run.Waiting.Count > 0);
            }
        }
    }

    /// <summary>Adds a run's graph, until it is disposed.</summary>
    /// <param name="lanes">Turns that it may have at one time; 1 or more.</param>
    /// <param name="weight">Its share beside the others; see <see cref="RunLane.MostWeight"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The weight is out of its range.</exception>
    public RunLane Join(int lanes, int weight)
    {
        var run = new RunLane(this, lanes, weight);
        lock (gate)
        {
            runs.Add(run);
            GiveTurns();
        }

        return run;
    }

    internal void Leave(RunLane run)
    {
        lock (gate)
        {
            runs.Remove(run);
        }
    }

    /// <summary>Null for a turn at once; else what is completed when it is the run's turn.</summary>
    internal TaskCompletionSource? Ask(RunLane run)
    {
        lock (gate)
        {
            if (run.Waiting.Count == 0)
            {
                run.Time = Math.Max(run.Time, time);
                if (run.HasRoom && taken < Most)
                {
                    Begin(run);
                    return null;
                }
            }

            var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            run.Waiting.AddLast(turn);
            return turn;
        }
    }

    internal void GiveBack(RunLane run)
    {
        lock (gate)
        {
            run.Taken--;
            taken--;
            GiveTurns();
        }
    }

    /// <summary>Takes a request back, unless its turn has come.</summary>
    internal void Forget(RunLane run, TaskCompletionSource turn, CancellationToken stop)
    {
        lock (gate)
        {
            if (run.Waiting.Remove(turn))
            {
                turn.SetCanceled(stop);
            }
        }
    }

    private int Most => runs.Max(run => run.Lanes);

    private void GiveTurns()
    {
        while (runs.Count > 0 && taken < Most && runs.Where(run => run.Waiting.Count > 0 && run.HasRoom).MinBy(run => run.Time) is { } next)
        {
            Begin(next);
            next.Waiting.First?.Value.SetResult();
            next.Waiting.RemoveFirst();
        }
    }

    private void Begin(RunLane run)
    {
        time = run.Time;
        run.Time += run.Step;
        run.Taken++;
        taken++;
    }
}

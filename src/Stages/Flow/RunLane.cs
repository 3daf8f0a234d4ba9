namespace Pipeline.Stages.Flow;

/// <summary>One run's part in the lanes of a stage: it takes a turn before a model call and gives it back after.</summary>
public sealed class RunLane : IDisposable
{
    /// <summary>The weight of a run of which nothing else was said.</summary>
    public const int DefaultWeight = 10;

    /// <summary>The greatest weight; the least is 1. Of two runs that always wait, one with the weight 30 has three turns for each of one with 10.</summary>
    public const int MostWeight = 100;

    private const long OneTurn = 1L << 24; // virtual time at weight 1: enough for 5e11 turns

    private readonly StageLanes lanes;

    internal RunLane(StageLanes lanes, int most, int weight)
    {
        if (weight is < 1 or > MostWeight)
        {
            throw new ArgumentOutOfRangeException(
                nameof(weight),
                weight,
                $"The weight of a run is {weight}; it must be between 1 and {MostWeight}. Set it with --priority."
            );
        }

        this.lanes = lanes;
        Lanes = most;
        Step = OneTurn / weight;
    }

    /// <summary>Turns that it may have at one time.</summary>
    internal int Lanes { get; }

    internal long Step { get; }

    /// <summary>Requests in their order. This and what follows is under the lanes' lock.</summary>
    internal LinkedList<TaskCompletionSource> Waiting { get; } = [];

    /// <summary>Turns that it has now.</summary>
    internal int Taken { get; set; }

    /// <summary>Virtual time of its next turn.</summary>
    internal long Time { get; set; }

    internal bool HasRoom => Taken < Lanes;

    /// <summary>Waits for a turn; each is given back by <see cref="GiveBack"/>.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was asked for; there is no turn.</exception>
    public ValueTask TakeAsync(CancellationToken stop) =>
        lanes.Ask(this) is { } turn ? new ValueTask(WaitAsync(turn, stop)) : ValueTask.CompletedTask;

    /// <summary>Gives one turn back; the next run has it.</summary>
    public void GiveBack() => lanes.GiveBack(this);

    /// <summary>Leaves the lanes; it must have no turn and wait for none.</summary>
    public void Dispose() => lanes.Leave(this);

    private async Task WaitAsync(TaskCompletionSource turn, CancellationToken stop)
    {
        await using var registration = stop.Register(() => lanes.Forget(this, turn, stop));
        await turn.Task;
    }
}

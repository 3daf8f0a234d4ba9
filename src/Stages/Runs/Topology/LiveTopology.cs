using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Runs.Topology;

/// <summary>The topology of a run as this process knows it: the newest history that was read, and a way to read a newer one.</summary>
/// <param name="history">As it is known at first.</param>
/// <param name="read">Reads the history when there is a newer one than that of this version; null when there is none.</param>
public sealed class LiveTopology(TopologyHistory history, Func<TopologyHistory, CancellationToken, Task<TopologyHistory?>> read)
{
    private readonly Lock gate = new();
    private Task<TopologyHistory> latest = Task.FromResult(history);
    private TopologyHistory current = history;

    /// <summary>Of a run that nobody changes.</summary>
    public LiveTopology(PipelineDefinition pipeline)
        : this(TopologyHistory.Of(pipeline), static (_, _) => Task.FromResult<TopologyHistory?>(null)) { }

    /// <summary>The history as it is known now.</summary>
    public TopologyHistory Current => Volatile.Read(ref current);

    /// <summary>Reads a newer history, if there is one; gives what is known then.</summary>
    public Task<TopologyHistory> RefreshAsync(CancellationToken stop)
    {
        lock (gate)
        {
            return latest = ReadAsync(latest, stop);
        }
    }

    /// <summary>The history with a version that a message names, which is read when it is not known here yet.</summary>
    public ValueTask<TopologyHistory> KnowAsync(int version, CancellationToken stop) =>
        version <= Current.Newest ? ValueTask.FromResult(Current) : new ValueTask<TopologyHistory>(RefreshAsync(stop));

    /// <summary>One after the other: each sees what was there when it was asked for.</summary>
    private async Task<TopologyHistory> ReadAsync(Task before, CancellationToken stop)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (await read(Current, stop) is { } newer)
        {
            Volatile.Write(ref current, newer);
        }

        return Current;
    }
}

namespace Pipeline.Stages.Flow;

/// <summary>Counts the batches of a stage that fail in a row, on this host. Open, the stage takes none, and one that fails all the same is given back.</summary>
/// <param name="most">Failures in a row that open it; 1 or more.</param>
internal sealed class Circuit(int most)
{
    private readonly Lock gate = new();
    private TaskCompletionSource opened = Next();
    private bool probing;
    private int inRow;
    private int outcomes;
    private Exception? last;

    /// <summary>Ends when it is opened; another one when it was closed since.</summary>
    public Task Opened
    {
        get
        {
            lock (gate)
            {
                return opened.Task;
            }
        }
    }

    public bool IsOpen => Opened.IsCompleted;

    /// <summary>While one batch is let through to see how it ends, that one has an outcome like any other.</summary>
    public bool Probing
    {
        get => Volatile.Read(ref probing);
        set => Volatile.Write(ref probing, value);
    }

    /// <summary>Batches that ended one way or the other; those whose shard was there say nothing of the stage.</summary>
    public int Outcomes => Volatile.Read(ref outcomes);

    /// <summary>How many failed in a row, and the last error.</summary>
    public string Reason
    {
        get
        {
            lock (gate)
            {
                return $"{inRow} batches in a row failed, the last with {last?.GetType().Name}: {last?.Message}";
            }
        }
    }

    /// <summary>A batch has its shard: the circuit is closed.</summary>
    public void Succeeded()
    {
        lock (gate)
        {
            inRow = 0;
            outcomes++;
            if (opened.Task.IsCompleted)
            {
                opened = Next();
            }
        }
    }

    /// <summary>A batch failed, or was put aside.</summary>
    public void Failed(Exception error)
    {
        lock (gate)
        {
            inRow++;
            outcomes++;
            last = error;
            if (inRow >= most)
            {
                opened.TrySetResult();
            }
        }
    }

    private static TaskCompletionSource Next() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

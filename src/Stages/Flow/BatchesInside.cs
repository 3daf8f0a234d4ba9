namespace Pipeline.Stages.Flow;

/// <summary>Counts the batches inside a graph and tells when there is none.</summary>
internal sealed class BatchesInside
{
    private readonly Lock gate = new();
    private int count;
    private TaskCompletionSource? empty;

    /// <summary>One more is inside.</summary>
    public void Enter()
    {
        lock (gate)
        {
            count++;
        }
    }

    /// <summary>One is out: settled, or left to the consumer.</summary>
    public void Leave()
    {
        lock (gate)
        {
            count--;
            if (count == 0)
            {
                empty?.TrySetResult();
                empty = null;
            }
        }
    }

    /// <summary>Completes when none is inside; at once when that is so now.</summary>
    public Task WhenEmptyAsync()
    {
        lock (gate)
        {
            return count == 0
                ? Task.CompletedTask
                : (empty ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }
}

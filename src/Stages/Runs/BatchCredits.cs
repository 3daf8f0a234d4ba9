namespace Pipeline.Stages.Runs;

/// <summary>Bounds the batches that ingest has published and that are not finished, and the bytes of their images. A batch that waits at a closed gate counts as finished.</summary>
/// <param name="batches">Unfinished batches at the most; 1 or more.</param>
/// <param name="bytes">Bytes of their encoded images at the most; a batch that is larger goes alone.</param>
public sealed class BatchCredits(int batches, long bytes = long.MaxValue)
{
    private readonly Lock gate = new();
    private readonly Dictionary<int, long> taken = [];
    private readonly HashSet<int> early = []; // the books of a new term may hear of a batch that is finished before ingest comes to it
    private long held;
    private TaskCompletionSource? returned;

    /// <summary>Batches that may be published now, as far as their number goes.</summary>
    public int Free
    {
        get
        {
            lock (gate)
            {
                return batches - taken.Count;
            }
        }
    }

    /// <summary>Waits until one more batch may be published.</summary>
    /// <param name="batch">Its index.</param>
    /// <param name="size">Bytes of its encoded images, as far as they are known; 0 or more.</param>
    /// <param name="stop">Ends the wait.</param>
    public async Task TakeAsync(int batch, long size, CancellationToken stop)
    {
        while (!TryTake(batch, size, out var room))
        {
            await room.WaitAsync(stop);
        }
    }

    /// <summary>Gives one batch's credit back; called once for each batch.</summary>
    public void Return(int batch)
    {
        lock (gate)
        {
            if (!taken.Remove(batch, out var size))
            {
                early.Add(batch);
                return;
            }

            held -= size;
            returned?.TrySetResult();
            returned = null;
        }
    }

    /// <summary>True when the batch has its credit; else <paramref name="room"/> ends when there may be room.</summary>
    private bool TryTake(int batch, long size, out Task room)
    {
        lock (gate)
        {
            room = Task.CompletedTask;
            if (early.Contains(batch))
            {
                return true;
            }

            if (taken.Count > 0 && (taken.Count >= batches || size > bytes - held))
            {
                returned ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                room = returned.Task;
                return false;
            }

            taken[batch] = size;
            held += size;
            return true;
        }
    }
}

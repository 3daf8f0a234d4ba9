namespace Pipeline.Stages.Runs;

/// <summary>Bounds the batches that ingest has published and that are not finished. A batch that waits at a closed gate counts as finished.</summary>
/// <param name="limit">Unfinished batches at the most; 1 or more.</param>
public sealed class BatchCredits(int limit) : IDisposable
{
    // Without a maximum: the books of a new term may hear of a batch that is finished before ingest comes to it.
    private readonly SemaphoreSlim free = new(limit);

    /// <summary>Batches that may be published now.</summary>
    public int Free => free.CurrentCount;

    /// <summary>Waits until one more batch may be published.</summary>
    public Task TakeAsync(CancellationToken stop) => free.WaitAsync(stop);

    /// <summary>Gives one batch's credit back.</summary>
    public void Return() => free.Release();

    /// <inheritdoc/>
    public void Dispose() => free.Dispose();
}

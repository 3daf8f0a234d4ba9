using Pipeline.Shards.Stores;

namespace Pipeline.Stages.Flow;

/// <summary>A store whose writes wait while there is no room: a full disk pauses a run, which says so and goes on by itself.</summary>
/// <param name="store">Where files lie.</param>
/// <param name="notice">Told what is waited for, and null when nothing is waited for any more.</param>
/// <param name="clock">Gives the pauses.</param>
public sealed class PausingStore(IShardStore store, Action<string?> notice, TimeProvider clock) : IShardStore
{
    /// <summary>Time between two attempts at a write.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private int waiting;

    /// <inheritdoc/>
    /// <remarks><paramref name="write"/> is called again for each attempt, with an empty stream.</remarks>
    public Task WriteAsync(string uri, Func<Stream, Task> write, CancellationToken stop = default) =>
        WaitAsync(() => store.WriteAsync(uri, write, stop), stop);

    /// <inheritdoc/>
    public Task WriteAsync(string uri, ReadOnlyMemory<byte> bytes, CancellationToken stop = default) =>
        WaitAsync(() => store.WriteAsync(uri, bytes, stop), stop);

    /// <inheritdoc/>
    public async Task<bool> TryNameAsync(string uri, string name, CancellationToken stop = default)
    {
        var named = false;
        await WaitAsync(async () => named = await store.TryNameAsync(uri, name, stop), stop);
        return named;
    }

    /// <inheritdoc/>
    public Task<Stream> OpenReadAsync(string uri, CancellationToken stop = default) => store.OpenReadAsync(uri, stop);

    /// <inheritdoc/>
    public Task<byte[]> ReadAllAsync(string uri, CancellationToken stop = default) => store.ReadAllAsync(uri, stop);

    /// <inheritdoc/>
    public Task<StoreTail?> ReadTailAsync(string uri, int bytes, CancellationToken stop = default) => store.ReadTailAsync(uri, bytes, stop);

    /// <inheritdoc/>
    public Task<bool> ExistsAsync(string uri, CancellationToken stop = default) => store.ExistsAsync(uri, stop);

    /// <inheritdoc/>
    public Task<StoreStat?> StatAsync(string uri, CancellationToken stop = default) => store.StatAsync(uri, stop);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken stop = default) => store.ListAsync(prefix, stop);

    /// <inheritdoc/>
    public Task DeleteAsync(string uri, CancellationToken stop = default) => store.DeleteAsync(uri, stop);

    /// <inheritdoc/>
    public Task<int> SweepAsync(string prefix, DateTimeOffset before, CancellationToken stop = default) =>
        store.SweepAsync(prefix, before, stop);

    private async Task WaitAsync(Func<Task> write, CancellationToken stop)
    {
        try
        {
            await write();
        }
        catch (StoreFullException full)
        {
            await RepeatAsync(write, full, stop);
        }
    }

    private async Task RepeatAsync(Func<Task> write, StoreFullException full, CancellationToken stop)
    {
        Interlocked.Increment(ref waiting);
        try
        {
            while (true)
            {
                notice($"paused: {full.Message} The run goes on by itself when there is room.");
                await Task.Delay(Pause, clock, stop);
                try
                {
                    await write();
                    return;
                }
                catch (StoreFullException again)
                {
                    full = again;
                }
            }
        }
        finally
        {
            if (Interlocked.Decrement(ref waiting) == 0)
            {
                notice(null);
            }
        }
    }
}

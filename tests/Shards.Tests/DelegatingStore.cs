using Pipeline.Shards.Stores;

namespace Pipeline.Shards.Tests;

/// <summary>Passes every call on; a test overrides one.</summary>
internal abstract class DelegatingStore(IShardStore inner) : IShardStore
{
    public Task WriteAsync(string uri, Func<Stream, Task> write, CancellationToken stop = default) => inner.WriteAsync(uri, write, stop);

    public Task WriteAsync(string uri, ReadOnlyMemory<byte> bytes, CancellationToken stop = default) => inner.WriteAsync(uri, bytes, stop);

    public Task<bool> TryNameAsync(string uri, string name, CancellationToken stop = default) => inner.TryNameAsync(uri, name, stop);

    public virtual Task<Stream> OpenReadAsync(string uri, CancellationToken stop = default) => inner.OpenReadAsync(uri, stop);

    public Task<byte[]> ReadAllAsync(string uri, CancellationToken stop = default) => inner.ReadAllAsync(uri, stop);

    public Task<StoreTail?> ReadTailAsync(string uri, int bytes, CancellationToken stop = default) => inner.ReadTailAsync(uri, bytes, stop);

    public Task<bool> ExistsAsync(string uri, CancellationToken stop = default) => inner.ExistsAsync(uri, stop);

    public Task<StoreStat?> StatAsync(string uri, CancellationToken stop = default) => inner.StatAsync(uri, stop);

    public Task<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken stop = default) => inner.ListAsync(prefix, stop);

    public Task DeleteAsync(string uri, CancellationToken stop = default) => inner.DeleteAsync(uri, stop);

    public Task<int> SweepAsync(string prefix, DateTimeOffset before, CancellationToken stop = default) =>
        inner.SweepAsync(prefix, before, stop);
}

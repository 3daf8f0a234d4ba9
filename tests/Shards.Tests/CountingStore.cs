using Pipeline.Shards.Stores;

namespace Pipeline.Shards.Tests;

/// <summary>Counts the bytes that are read from streams of another store.</summary>
internal sealed class CountingStore(IShardStore inner) : DelegatingStore(inner)
{
    public long BytesRead { get; private set; }

    public override async Task<Stream> OpenReadAsync(string uri, CancellationToken stop = default) =>
        new Counting(await ReadAllAsync(uri, stop), count => BytesRead += count);

    private sealed class Counting(byte[] bytes, Action<int> count) : MemoryStream(bytes, writable: false)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await base.ReadAsync(buffer, cancellationToken);
            count(read);
            return read;
        }
    }
}

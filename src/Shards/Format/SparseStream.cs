namespace Pipeline.Shards.Format;

/// <summary>
/// A file of which only some ranges are in memory. The decoder reads from it and never from the store: so an error of the store is not taken for
/// damage, and only the wanted columns are fetched.
/// </summary>
internal sealed class SparseStream(long length) : Stream
{
    private readonly List<(long Start, ReadOnlyMemory<byte> Bytes)> ranges = [];

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position { get; set; }

    public void Add(long start, ReadOnlyMemory<byte> bytes) => ranges.Add((start, bytes));

    /// <summary>Forgets all ranges after the first <paramref name="kept"/>.</summary>
    public void Keep(int kept) => ranges.RemoveRange(kept, ranges.Count - kept);

    /// <summary>Bytes of a file that is in memory as one range.</summary>
    public ReadOnlyMemory<byte> Slice(long start, int count) => ranges[0].Bytes.Slice((int)start, count);

    public override int Read(Span<byte> buffer)
    {
        foreach (var (start, bytes) in ranges)
        {
            var offset = Position - start;
            if (offset < 0 || offset >= bytes.Length)
                continue;
            var count = (int)Math.Min(buffer.Length, bytes.Length - offset);
            bytes.Span.Slice((int)offset, count).CopyTo(buffer);
            Position += count;
            return count;
        }

        return buffer.IsEmpty || Position >= length
            ? 0
            : throw new InvalidDataException($"its metadata points to byte {Position}, outside the column that it describes");
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        Task.FromResult(Read(buffer.AsSpan(offset, count)));

    public override long Seek(long offset, SeekOrigin origin) =>
        Position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => Position + offset,
            _ => length + offset,
        };

    public override void Flush() { }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

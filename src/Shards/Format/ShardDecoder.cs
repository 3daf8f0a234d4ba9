using System.Buffers;
using Parquet;
using Parquet.Schema;
using Pipeline.Shards.Stores;

namespace Pipeline.Shards.Format;

/// <summary>An open shard: reads row groups, fetching only the columns asked for, and checks each column against its digest at the end.</summary>
internal sealed class ShardDecoder : IAsyncDisposable
{
    private const int WholeBytes = 64 * 1024; // a smaller file is read whole, in one call
    private const int TailBytes = 16 * 1024; // metadata of most shards

    private readonly string uri;
    private readonly Stream file;
    private readonly SparseStream memory;
    private readonly ParquetReader reader;
    private readonly int fixedRanges;
    private readonly bool whole;
    private readonly Dictionary<string, ColumnDigest> digests = new(StringComparer.Ordinal);

    private ShardDecoder(string uri, Stream file, SparseStream memory, ParquetReader reader, int fixedRanges)
    {
        (this.uri, this.file, this.memory, this.reader, this.fixedRanges) = (uri, file, memory, reader, fixedRanges);
        whole = fixedRanges == 1;
        Footer = FooterKeys.Read(reader.CustomMetadata);
        Leaves = ReadLeaves();
    }

    public ShardFooter Footer { get; }

    /// <summary>All columns of the file in order.</summary>
    public IReadOnlyList<ShardLeaf> Leaves { get; }

    public int Groups => reader.RowGroupCount;

    public static async Task<ShardDecoder> OpenAsync(IShardStore store, string uri, CancellationToken stop)
    {
        var source = await store.OpenReadAsync(uri, stop);
        try
        {
            var first = (int)(source.Length <= WholeBytes ? source.Length : TailBytes);
            var tail = await RangeAsync(source, source.Length - first, first, stop);
            var needed = Damage.Guard(uri, () => ParquetTail.Bytes(tail, source.Length));
            if (needed > tail.Length)
                tail = await RangeAsync(source, source.Length - needed, needed, stop);
            var sparse = new SparseStream(source.Length);
            sparse.Add(source.Length - tail.Length, tail);
            var ranges = 1;
            if (tail.Length < source.Length)
            {
                sparse.Add(0, await RangeAsync(source, 0, ParquetTail.HeadBytes, stop));
                ranges = 2;
            }

            return await Damage.GuardAsync(uri, () => ParseAsync(uri, source, sparse, ranges, stop));
        }
        catch
        {
            await source.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads some columns of one row group, in the order given.</summary>
    public async Task<ShardTable> ReadGroupAsync(int index, IReadOnlyList<ShardLeaf> leaves, CancellationToken stop)
    {
        var columns = new ShardColumn[leaves.Count];
        using var group = Damage.Guard(uri, () => reader.OpenRowGroupReader(index));
        for (var at = 0; at < columns.Length; at++)
        {
            var leaf = leaves[at];
            var (start, length) = Damage.Guard(uri, () => Range(group, leaf));
            var rented = whole ? null : ArrayPool<byte>.Shared.Rent(length);
            try
            {
                var bytes = rented is null ? memory.Slice(start, length) : await FetchAsync(rented, start, length, stop);
                columns[at] = await Damage.GuardAsync(uri, () => DecodeAsync(group, leaf, bytes, stop));
            }
            finally
            {
                memory.Keep(fixedRanges);
                if (rented is not null)
                    ArrayPool<byte>.Shared.Return(rented);
            }
        }

        return new ShardTable(columns);
    }

    /// <summary>A table of these columns without rows.</summary>
    public static ShardTable Empty(IReadOnlyList<ShardLeaf> leaves) =>
        new([.. leaves.Select(leaf => ColumnCodec.Of(leaf.Type.Kind).Nulls(leaf.Name, leaf.Type.Nullable, 0))]);

    /// <summary>Compares what was read, all groups of it, with the digests that the writer left.</summary>
    /// <exception cref="ShardDamagedException">A column differs, or there are more or fewer rows.</exception>
    public void Verify(IReadOnlyList<ShardLeaf> leaves, long rows)
    {
        if (rows != Footer.Rows)
            throw new ShardDamagedException(uri, $"it holds {rows} rows and its footer says {Footer.Rows}");
        foreach (var leaf in leaves)
        {
            var found = Digest(leaf).Finish();
            if (found != leaf.Digest)
                throw new ShardDamagedException(uri, $"column '{leaf.Name}' has the digest {found} and its footer says {leaf.Digest}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await reader.DisposeAsync();
        await memory.DisposeAsync();
        await file.DisposeAsync();
    }

    private static async Task<ShardDecoder> ParseAsync(string uri, Stream source, SparseStream sparse, int ranges, CancellationToken stop)
    {
        var parquet = await ParquetReader.CreateAsync(sparse, leaveStreamOpen: true, cancellationToken: stop);
        return new ShardDecoder(uri, source, sparse, parquet, ranges);
    }

    private static async Task<byte[]> RangeAsync(Stream source, long start, int length, CancellationToken stop)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(length);
        source.Position = start;
        await source.ReadExactlyAsync(bytes, stop);
        return bytes;
    }

    private async Task<ReadOnlyMemory<byte>> FetchAsync(byte[] rented, long start, int length, CancellationToken stop)
    {
        var bytes = rented.AsMemory(0, length);
        file.Position = start;
        await file.ReadExactlyAsync(bytes, stop);
        memory.Add(start, bytes);
        return bytes;
    }

    private async Task<ShardColumn> DecodeAsync(
        ParquetRowGroupReader group,
        ShardLeaf leaf,
        ReadOnlyMemory<byte> bytes,
        CancellationToken stop
    )
    {
        var chunk = new ColumnChunk(group, leaf.Field, bytes, checked((int)group.RowCount));
        var codec = ColumnCodec.Of(leaf.Type.Kind);
        var column = await codec.ReadAsync(chunk, leaf.Name, leaf.Type.Nullable, Digest(leaf), stop);
        if (column.Rows != chunk.Rows)
            throw new InvalidDataException($"column '{leaf.Name}' has {column.Rows} of {chunk.Rows} rows");
        return column;
    }

    private ColumnDigest Digest(ShardLeaf leaf)
    {
        if (!digests.TryGetValue(leaf.Name, out var digest))
            digests[leaf.Name] = digest = new ColumnDigest();
        return digest;
    }

    private (long Start, int Length) Range(ParquetRowGroupReader group, ShardLeaf leaf)
    {
        var data =
            group.GetMetadata(leaf.Field)?.MetaData
            ?? throw new InvalidDataException($"column '{leaf.Name}' has no metadata in a row group");
        var start = data.DictionaryPageOffset is > 0 and var dictionary ? dictionary : data.DataPageOffset;
        return start >= 0 && data.TotalCompressedSize >= 0 && data.TotalCompressedSize <= memory.Length - start
            ? (start, checked((int)data.TotalCompressedSize))
            : throw new InvalidDataException($"column '{leaf.Name}' reaches past the end of the file");
    }

    private ShardLeaf[] ReadLeaves()
    {
        var names = ShardLayout.Names(reader.Schema).ToArray();
        var fields = reader.Schema.DataFields;
        var columns = FooterKeys.Value(reader.CustomMetadata, FooterKeys.Columns);
        var content = ContentHash.Of(names, columns, Footer.Rows);
        if (content != Footer.Content)
            throw new InvalidDataException($"its columns have the content hash {content} and its footer says {Footer.Content}");
        var described = columns.Split(',');
        if (described.Length != fields.Length || names.Length != fields.Length)
            throw new InvalidDataException($"it has {fields.Length} columns and its footer says {described.Length}");
        return [.. fields.Select((field, index) => ShardLeaf.Parse(names[index], described[index], field))];
    }
}

/// <summary>A column of a file.</summary>
/// <param name="Name">Its name in a table.</param>
/// <param name="Type">Its type, from the footer.</param>
/// <param name="Digest">The digest that the writer left.</param>
/// <param name="Field">Its place in the file's schema.</param>
internal sealed record ShardLeaf(string Name, ShardType Type, string Digest, DataField Field)
{
    public static ShardLeaf Parse(string name, string described, DataField field) =>
        described.Split('=') is [var type, var digest] && ShardType.Parse(type) is { } known
            ? new ShardLeaf(name, known, digest, field)
            : throw new InvalidDataException($"its footer describes column '{name}' as '{described}'");
}

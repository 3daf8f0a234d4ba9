using System.Buffers;
using System.Runtime.InteropServices;
using Parquet;
using Parquet.Meta;
using Pipeline.Shards.Format;

namespace Pipeline.Shards.Foreign;

/// <summary>A Parquet file that another program wrote: its metadata, and its columns a row group at a time.</summary>
/// <remarks>
/// The file is opened for each read and closed again, so that any number of these may be held. What the metadata and the pages claim of
/// themselves is compared with what is there before anything is allocated by it. All methods may be called from several threads.
/// </remarks>
public sealed class ForeignParquet
{
    /// <summary>Bytes of the longest metadata: 64 MiB.</summary>
    public const int MostMetadataBytes = 1 << 26;

    /// <summary>Rows of the longest row group: 10 million.</summary>
    public const int MostGroupRows = 10_000_000;

    /// <summary>Uncompressed bytes of the longest column in a row group that is read whole: 512 MiB. Ranges have no such limit.</summary>
    public const long MostColumnBytes = 1L << 29;

    private readonly byte[] tail;
    private readonly long length;
    private readonly FileMetaData metadata;

    private ForeignParquet(string path, byte[] tail, long length, ParquetReader reader)
    {
        (Path, this.tail, this.length) = (path, tail, length);
        metadata = reader.Metadata ?? throw new InvalidDataException("it has no metadata");
        KeyValues = reader.CustomMetadata;
        Columns = [.. reader.Schema.DataFields.Select(leaf => new ForeignColumn(leaf))];
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The columns in file order, those in structs and lists one by one.</summary>
    public IReadOnlyList<ForeignColumn> Columns { get; }

    /// <summary>What the writer left beside the columns, such as <c>huggingface</c>.</summary>
    public IReadOnlyDictionary<string, string> KeyValues { get; }

    /// <summary>Row groups.</summary>
    public int Groups => metadata.RowGroups.Count;

    /// <summary>Reads the metadata.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">It is no whole Parquet file, or has more of something than is read; says what.</exception>
    /// <exception cref="IOException">The system refuses to read it.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public static ForeignParquet Open(string path)
    {
        using var file = File.OpenHandle(path);
        var size = RandomAccess.GetLength(file);
        var trailer = FileBytes.Read(file, Math.Max(0, size - ParquetTail.TrailerBytes), (int)Math.Min(ParquetTail.TrailerBytes, size));
        var needed = ParquetTail.Bytes(trailer, size);
        if (needed > MostMetadataBytes)
            throw new InvalidDataException($"its metadata has {needed:N0} bytes, and at most {MostMetadataBytes:N0} are read");
        var end = FileBytes.Read(file, size - needed, needed);
        return Decode(() =>
        {
            MetadataShape.Check(end.AsSpan(0, needed - ParquetTail.TrailerBytes));
            return CreateAsync(path, end, size);
        });
    }

    /// <summary>Rows of a row group.</summary>
    /// <exception cref="InvalidDataException">It claims none, or more than are read.</exception>
    public int Rows(int group) =>
        metadata.RowGroups[group].NumRows is >= 0 and <= MostGroupRows and var rows
            ? (int)rows
            : throw new InvalidDataException(
                $"row group {group} has {metadata.RowGroups[group].NumRows:N0} rows, and at most {MostGroupRows:N0} are read"
            );

    /// <summary>Bytes of a column in a row group as they lie in the file, and uncompressed.</summary>
    /// <exception cref="InvalidDataException">The metadata does not say it, or says what cannot be.</exception>
    public (long Stored, long Raw) Size(int group, ForeignColumn column)
    {
        var (_, stored) = Range(group, column);
        return (stored, Chunk(group, column).TotalUncompressedSize);
    }

    /// <summary>Nulls of a column in a row group; null if the file does not say.</summary>
    public long? Nulls(int group, ForeignColumn column) => Chunk(group, column).Statistics?.NullCount;

    /// <summary>Whether a column's cells are neither compressed nor in a dictionary, as the metadata says; then <see cref="Ranges"/> finds them.</summary>
    public bool IsPlain(int group, ForeignColumn column) =>
        Chunk(group, column) is { Codec: CompressionCodec.UNCOMPRESSED } chunk
        && chunk.DictionaryPageOffset is null or 0
        && chunk.Encodings.TrueForAll(encoding => encoding is Encoding.PLAIN or Encoding.RLE or Encoding.BIT_PACKED);

    /// <summary>The cells of a column of any kind but binary and other, as text; null for a null.</summary>
    /// <exception cref="InvalidDataException">The bytes are no such column.</exception>
    /// <exception cref="IOException">The system refuses to read it.</exception>
    public string?[] Texts(int group, ForeignColumn column) =>
        Read(group, column, (reader, rows) => CellText.ReadAsync(reader, column.Leaf, rows));

    /// <summary>The cells of a binary column; null for a null.</summary>
    /// <exception cref="InvalidDataException">The bytes are no such column, or more than <see cref="MostColumnBytes"/>.</exception>
    /// <exception cref="IOException">The system refuses to read it.</exception>
    public byte[]?[] Bytes(int group, ForeignColumn column) =>
        Read(group, column, (reader, rows) => CellText.ReadAsync<ReadOnlyMemory<byte>, byte[]>(reader, column.Leaf, rows, Owned));

    /// <summary>Where the cells of a binary column lie in the file; null if they are compressed or encoded, so that <see cref="Bytes"/> must be read.</summary>
    /// <exception cref="InvalidDataException">The bytes are no such column.</exception>
    /// <exception cref="IOException">The system refuses to read it.</exception>
    public ByteRange[]? Ranges(int group, ForeignColumn column)
    {
        if (Chunk(group, column).Codec != CompressionCodec.UNCOMPRESSED)
            return null;
        var rows = Rows(group);
        var (start, count) = Range(group, column);
        using var file = File.OpenHandle(Path);
        return PlainRanges.Find(file, start, count, rows, column.Leaf.MaxDefinitionLevel);
    }

    private T[] Read<T>(int group, ForeignColumn column, Func<ParquetRowGroupReader, int, Task<T[]>> read)
    {
        var rows = Rows(group);
        var (start, count) = Range(group, column);
        var chunk = Chunk(group, column);
        if (Math.Max(count, chunk.TotalUncompressedSize) > MostColumnBytes)
            throw new InvalidDataException(
                $"column '{column.Name}' has {Math.Max(count, chunk.TotalUncompressedSize):N0} bytes in row group {group}, and at most {MostColumnBytes:N0} are read"
            );
        var rented = ArrayPool<byte>.Shared.Rent((int)count);
        try
        {
            var bytes = rented.AsMemory(0, (int)count);
            using (var file = File.OpenHandle(Path))
                FileBytes.Fill(file, start, bytes.Span);
            return Decode(async () =>
            {
                PageWalk.Check(bytes.Span, chunk.Codec, rows, chunk.TotalUncompressedSize);
                var memory = Memory(tail, length);
                memory.Add(start, bytes);
                await using var reader = await ParquetReader.CreateAsync(memory, leaveStreamOpen: true);
                using var rowGroup = reader.OpenRowGroupReader(group);
                return rows == 0 ? [] : await read(rowGroup, rows);
            });
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private ColumnMetaData Chunk(int group, ForeignColumn column)
    {
        return metadata
                .RowGroups[group]
                .Columns.Select(chunk => chunk.MetaData)
                .FirstOrDefault(chunk => chunk?.PathInSchema.SequenceEqual(column.Path) == true)
            ?? throw new InvalidDataException($"row group {group} has no column '{column.Name}'");
    }

    private (long Start, long Count) Range(int group, ForeignColumn column)
    {
        var chunk = Chunk(group, column);
        var start = chunk.DictionaryPageOffset is > 0 and var dictionary
            ? Math.Min(dictionary, chunk.DataPageOffset)
            : chunk.DataPageOffset;
        return
            start >= ParquetTail.HeadBytes
            && chunk.TotalCompressedSize >= 0
            && chunk.TotalCompressedSize <= length - start
            && chunk.TotalUncompressedSize >= 0
            && (chunk.NumValues == Rows(group) || column.Kind == ForeignKind.Other)
            ? (start, chunk.TotalCompressedSize)
            : throw new InvalidDataException($"the metadata of column '{column.Name}' in row group {group} does not fit the file");
    }

    private static async Task<ForeignParquet> CreateAsync(string path, byte[] tail, long length)
    {
        await using var reader = await ParquetReader.CreateAsync(Memory(tail, length), leaveStreamOpen: true);
        return new ForeignParquet(path, tail, length, reader);
    }

    private static SparseStream Memory(byte[] tail, long length)
    {
        var memory = new SparseStream(length);
        memory.Add(length - tail.Length, tail);
        memory.Add(0, "PAR1"u8.ToArray());
        return memory;
    }

    /// <summary>Parquet.Net gives each cell an array of its own; a part of a larger one would be copied.</summary>
    private static byte[] Owned(ReadOnlyMemory<byte> cell) =>
        MemoryMarshal.TryGetArray(cell, out var array) && array is { Offset: 0, Array: { } whole } && whole.Length == cell.Length
            ? whole
            : cell.ToArray();

    /// <summary>Everything that the decoder throws over bytes in memory is damage; nothing in here waits for the disk.</summary>
    private static T Decode<T>(Func<Task<T>> decode)
    {
        try
        {
            return decode().GetAwaiter().GetResult();
        }
        catch (Exception error) when (error is not InvalidDataException)
        {
            throw new InvalidDataException($"it cannot be decoded ({error.GetType().Name}: {error.Message})", error);
        }
    }
}

using Parquet;
using Parquet.Schema;

namespace Pipeline.Shards.Format;

/// <summary>How columns of one kind are declared, written, read and hashed.</summary>
internal abstract class ColumnCodec
{
    private static readonly Dictionary<ShardKind, ColumnCodec> Codecs = new()
    {
        [ShardKind.String] = new StringCodec(),
        [ShardKind.Int32] = new ScalarCodec<int>(ShardKind.Int32),
        [ShardKind.Int64] = new ScalarCodec<long>(ShardKind.Int64),
        [ShardKind.Float32] = new ScalarCodec<float>(ShardKind.Float32),
        [ShardKind.Float64] = new ScalarCodec<double>(ShardKind.Float64),
        [ShardKind.Bool] = new ScalarCodec<bool>(ShardKind.Bool),
        [ShardKind.Binary] = new BinaryCodec(),
        [ShardKind.Float32List] = new FloatListCodec(),
        [ShardKind.Float16List] = new HalfListCodec(),
        [ShardKind.StringList] = new StringListCodec(),
    };

    public static ColumnCodec Of(ShardKind kind) => Codecs[kind];

    /// <summary>The field under its own name, without the struct around it.</summary>
    public abstract Field Declare(string name, bool nullable);

    /// <summary>Bytes of the values in rows <paramref name="start"/> to <paramref name="start"/> + <paramref name="count"/>, unencoded; text as UTF-16.</summary>
    public abstract long RawBytes(ShardColumn column, int start, int count);

    /// <summary>Adds all cells to a digest.</summary>
    public abstract void Hash(ShardColumn column, ColumnDigest digest);

    /// <summary>Writes some rows as the next column of a row group.</summary>
    public abstract Task WriteAsync(
        ParquetRowGroupWriter group,
        DataField leaf,
        ShardColumn column,
        int start,
        int count,
        CancellationToken stop
    );

    /// <summary>Reads all rows of one row group and adds them to a digest.</summary>
    public virtual async Task<ShardColumn> ReadAsync(
        ColumnChunk chunk,
        string name,
        bool nullable,
        ColumnDigest digest,
        CancellationToken stop
    )
    {
        var column = await DecodeAsync(chunk, name, nullable, stop);
        Hash(column, digest);
        return column;
    }

    /// <summary>The same cells under a type that may or may not be null; the caller has checked that no cell is null where none may be.</summary>
    public abstract ShardColumn As(ShardColumn column, bool nullable);

    /// <summary>A column without values.</summary>
    public abstract ShardColumn Nulls(string name, bool nullable, int rows);

    /// <summary>Reads all rows of one row group through Parquet.Net.</summary>
    protected abstract Task<ShardColumn> DecodeAsync(ColumnChunk chunk, string name, bool nullable, CancellationToken stop);

    /// <summary>Definition levels: the deepest for a value, one less for a null; none where the file has none.</summary>
    protected static ReadOnlyMemory<int>? Levels(DataField leaf, int count, Func<int, bool> isNull)
    {
        if (leaf.MaxDefinitionLevel == 0)
            return null;
        var levels = new int[count];
        for (var row = 0; row < count; row++)
            levels[row] = isNull(row) ? leaf.MaxDefinitionLevel - 1 : leaf.MaxDefinitionLevel;
        return levels;
    }
}

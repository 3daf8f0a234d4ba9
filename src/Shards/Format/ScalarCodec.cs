using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Parquet;
using Parquet.Schema;

namespace Pipeline.Shards.Format;

/// <summary>Numbers and truth values; the bits of a float stay as they are.</summary>
internal sealed class ScalarCodec<T>(ShardKind kind) : ColumnCodec
    where T : unmanaged
{
    public override Field Declare(string name, bool nullable) => new DataField(name, typeof(T), nullable);

    public override long RawBytes(ShardColumn column, int start, int count) => (long)count * Unsafe.SizeOf<T>();

    public override void Hash(ShardColumn column, ColumnDigest digest)
    {
        if (column is ShardColumn<T> plain)
        {
            digest.Values(MemoryMarshal.AsBytes<T>(plain.Values));
            return;
        }

        foreach (var value in ((ShardColumn<T?>)column).Values)
        {
            digest.Shape(value is null ? ColumnDigest.Null : 1);
            if (value is { } present)
                digest.Values(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in present)));
        }
    }

    public override Task WriteAsync(
        ParquetRowGroupWriter group,
        DataField leaf,
        ShardColumn column,
        int start,
        int count,
        CancellationToken stop
    )
    {
        if (column is ShardColumn<T> plain)
        {
            var levels = Levels(leaf, count, _ => false);
            return group.WriteAllPartsAsync<T>(leaf, plain.Values.AsMemory(start, count), levels, null, stop);
        }

        var cells = ((ShardColumn<T?>)column).Values.AsMemory(start, count);
        var values = new List<T>(count);
        foreach (var cell in cells.Span)
        {
            if (cell is { } value)
                values.Add(value);
        }

        return group.WriteAllPartsAsync<T>(leaf, values.ToArray(), Levels(leaf, count, row => cells.Span[row] is null), null, stop);
    }

    protected override async Task<ShardColumn> DecodeAsync(ColumnChunk chunk, string name, bool nullable, CancellationToken stop)
    {
        var values = new T[chunk.Entries];
        var levels = chunk.Leaf.MaxDefinitionLevel > 0 ? new int[values.Length] : null;
        await chunk.Group.ReadRawAsync<T>(chunk.Leaf, values, levels?.AsMemory(), null, stop);
        if (!nullable)
            return ShardColumn<T>.Checked(name, new ShardType(kind, Nullable: false), values);
        var cells = new T?[values.Length];
        var next = 0;
        for (var row = 0; row < cells.Length; row++)
        {
            if (levels is null || levels[row] == chunk.Leaf.MaxDefinitionLevel)
                cells[row] = values[next++];
        }

        return new ShardColumn<T?>(name, new ShardType(kind, Nullable: true), cells);
    }

    public override ShardColumn As(ShardColumn column, bool nullable) =>
        (column, nullable) switch
        {
            (ShardColumn<T> plain, true) => new ShardColumn<T?>(
                column.Name,
                new ShardType(kind, Nullable: true),
                Array.ConvertAll(plain.Values, value => (T?)value)
            ),
            (ShardColumn<T?> cells, false) => new ShardColumn<T>(
                column.Name,
                new ShardType(kind, Nullable: false),
                Array.ConvertAll(cells.Values, value => value.GetValueOrDefault())
            ),
            _ => column,
        };

    public override ShardColumn Nulls(string name, bool nullable, int rows) =>
        nullable
            ? new ShardColumn<T?>(name, new ShardType(kind, Nullable: true), new T?[rows])
            : new ShardColumn<T>(name, new ShardType(kind, Nullable: false), new T[rows]);
}

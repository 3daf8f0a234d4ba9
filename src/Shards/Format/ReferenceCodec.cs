namespace Pipeline.Shards.Format;

/// <summary>What columns of a reference type have in common: a null cell is a null reference.</summary>
internal abstract class ReferenceCodec<T>(ShardKind kind) : ColumnCodec
    where T : class
{
    public override ShardColumn As(ShardColumn column, bool nullable) =>
        column.Type.Nullable == nullable ? column : Column(column.Name, nullable, ((ShardColumn<T>)column).Values);

    public override ShardColumn Nulls(string name, bool nullable, int rows) => Column(name, nullable, new T[rows]);

    public override long RawBytes(ShardColumn column, int start, int count)
    {
        var bytes = 0L;
        foreach (var cell in Cells(column, start, count).Span)
            bytes += cell is null ? 0 : CellBytes(cell);
        return bytes;
    }

    protected static ReadOnlyMemory<T?> Cells(ShardColumn column, int start, int count) =>
        ((ShardColumn<T>)column).Values.AsMemory(start, count);

    protected ShardColumn<T> Column(string name, bool nullable, T[] cells) =>
        ShardColumn<T>.Checked(name, new ShardType(kind, nullable), cells);

    protected abstract long CellBytes(T cell);
}

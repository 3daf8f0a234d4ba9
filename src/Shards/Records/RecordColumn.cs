using Pipeline.Shards.Format;

namespace Pipeline.Shards.Records;

/// <summary>A property and its column.</summary>
internal abstract class RecordColumn<TRecord>(string name, ShardType type)
{
    public string Name { get; } = name;

    public ShardType Type { get; } = type;

    public abstract ShardColumn Take(IReadOnlyList<TRecord> rows);

    /// <summary>The cells as an array of the property's type.</summary>
    public abstract Array Give(ShardTable table);
}

/// <inheritdoc/>
internal sealed class RecordColumn<TRecord, TCell>(string name, ShardType type, Func<TRecord, TCell> get)
    : RecordColumn<TRecord>(name, type)
{
    public override ShardColumn Take(IReadOnlyList<TRecord> rows)
    {
        var cells = new TCell[rows.Count];
        for (var row = 0; row < cells.Length; row++)
            cells[row] = get(rows[row]);
        return ShardColumn<TCell>.Checked(Name, Type, cells);
    }

    public override Array Give(ShardTable table)
    {
        var codec = ColumnCodec.Of(Type.Kind);
        var column = table.Find(Name) ?? Missing(codec, table.Rows);
        if (column.Type.Kind != Type.Kind)
            throw new ShardColumnException(
                $"Column '{Name}' is of type {column.Type}; {typeof(TRecord).Name} must have {Type}. Read it with the record that wrote it."
            );
        if (!Type.Nullable && column.FirstNull() is >= 0 and var row)
            throw new ShardColumnException(
                $"Column '{Name}' is null in row {row}; {typeof(TRecord).Name} must have a value of type {Type}. "
                    + "Make the property nullable, or correct the stage that wrote it."
            );
        return ((ShardColumn<TCell>)codec.As(column, Type.Nullable)).Values;
    }

    private ShardColumn Missing(ColumnCodec codec, int rows) =>
        Type.Nullable
            ? codec.Nulls(Name, nullable: true, rows)
            : throw new ShardColumnException(
                $"Column '{Name}' is missing; {typeof(TRecord).Name} must have it, of type {Type}. "
                    + "Make the property nullable if older shards lack it, or run the stage that writes it."
            );
}

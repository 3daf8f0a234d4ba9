using Pipeline.Shards;

namespace Pipeline.Stages.Export;

/// <summary>Single cells out of columns of any type, and columns of nullable cells out of single ones.</summary>
internal static class Cells
{
    /// <summary>The cell of a row; null where it is null.</summary>
    public static object? Of(ShardColumn column, int row) =>
        column switch
        {
            ShardColumn<string> text => text.Values[row],
            ShardColumn<int> number => number.Values[row],
            ShardColumn<int?> number => number.Values[row],
            ShardColumn<long> number => number.Values[row],
            ShardColumn<long?> number => number.Values[row],
            ShardColumn<float> number => number.Values[row],
            ShardColumn<float?> number => number.Values[row],
            ShardColumn<double> number => number.Values[row],
            ShardColumn<double?> number => number.Values[row],
            ShardColumn<bool> truth => truth.Values[row],
            ShardColumn<bool?> truth => truth.Values[row],
            ShardColumn<byte[]> bytes => bytes.Values[row],
            ShardColumn<float[]> list => list.Values[row],
            ShardColumn<string[]> list => list.Values[row],
            _ => throw new InvalidOperationException(
                $"Column '{column.Name}' is of type {column.Type}; no cell of it can be taken. Add the type."
            ),
        };

    /// <summary>A column whose cells may be null.</summary>
    public static ShardColumn Column(string name, ShardKind kind, IReadOnlyList<object?> cells) =>
        kind switch
        {
            ShardKind.String => ShardColumn.OfNullable(name, Array<string?>(cells)),
            ShardKind.Int32 => ShardColumn.Of(name, Array<int?>(cells)),
            ShardKind.Int64 => ShardColumn.Of(name, Array<long?>(cells)),
            ShardKind.Float32 => ShardColumn.Of(name, Array<float?>(cells)),
            ShardKind.Float64 => ShardColumn.Of(name, Array<double?>(cells)),
            ShardKind.Bool => ShardColumn.Of(name, Array<bool?>(cells)),
            ShardKind.Binary => ShardColumn.OfNullable(name, Array<byte[]?>(cells)),
            ShardKind.Float16List => ShardColumn.OfNullable(name, Array<Half[]?>(cells)),
            ShardKind.Float32List => ShardColumn.OfNullable(name, Array<float[]?>(cells)),
            ShardKind.StringList => ShardColumn.OfNullable(name, Array<string[]?>(cells)),
            _ => throw new InvalidOperationException($"Column '{name}' is of kind {kind}; no column of it can be made. Add the kind."),
        };

    private static T[] Array<T>(IReadOnlyList<object?> cells)
    {
        var values = new T[cells.Count];
        for (var row = 0; row < values.Length; row++)
        {
            if (cells[row] is T value)
                values[row] = value;
        }

        return values;
    }
}

namespace Pipeline.Shards;

/// <summary>A named column of cells of one type.</summary>
public abstract class ShardColumn
{
    private protected ShardColumn(string name, ShardType type)
    {
        Name = ShardNames.Checked(name);
        Type = type;
    }

    /// <summary>Name in the file. Two lower-case words with a dot between (<c>image.bytes</c>) become a field of a Parquet struct.</summary>
    public string Name { get; }

    /// <summary>Kind of the cells, and whether one may be null.</summary>
    public ShardType Type { get; }

    /// <summary>Number of cells.</summary>
    public abstract int Rows { get; }

    /// <summary>A column of <typeparamref name="T"/>: one of the types of <see cref="ShardKind"/> or a nullable scalar.</summary>
    /// <exception cref="ShardColumnException">Shards have no such type, or a cell of a reference type is null.</exception>
    public static ShardColumn<T> Of<T>(string name, T[] values) => Make(name, values, nullable: false);

    /// <summary>A column of a reference type (text, bytes, a list) whose cells may be null.</summary>
    /// <exception cref="ShardColumnException">Shards have no such type.</exception>
    public static ShardColumn<T?> OfNullable<T>(string name, T?[] values)
        where T : class => Make(name, values, nullable: true);

    /// <summary>One cell, whatever its type.</summary>
    public abstract object? Cell(int row);

    /// <summary>The cells from <paramref name="start"/> on, <paramref name="count"/> of them, as a column of their own.</summary>
    public abstract ShardColumn Slice(int start, int count);

    /// <summary>The cells of the given rows, in that order, as a column named <paramref name="name"/>.</summary>
    public abstract ShardColumn Take(IReadOnlyList<int> rows, string name);

    internal abstract ShardColumn Joined(IReadOnlyList<ShardColumn> parts);

    internal abstract int FirstNull();

    private static ShardColumn<T> Make<T>(string name, T[] values, bool nullable)
    {
        var type =
            ShardType.Of(typeof(T), nullable)
            ?? throw new ShardColumnException(
                $"Column '{name}' is of type {typeof(T)}; it must be string, int, long, float, double, bool, byte[], float[], Half[], string[] "
                    + "or a nullable one of these. Convert the values."
            );
        return ShardColumn<T>.Checked(name, type, values);
    }
}

/// <summary>A column whose cells are <typeparamref name="T"/>.</summary>
/// <typeparam name="T">The CLR type of a cell, <c>int?</c> for a nullable <c>int</c>.</typeparam>
public sealed class ShardColumn<T> : ShardColumn
{
    internal ShardColumn(string name, ShardType type, T[] values)
        : base(name, type) => Values = values;

    /// <summary>The cells in row order; not a copy, so do not change them.</summary>
    public T[] Values { get; }

    /// <inheritdoc/>
    public override int Rows => Values.Length;

    /// <inheritdoc/>
    public override object? Cell(int row) => Values[row];

    /// <inheritdoc/>
    public override ShardColumn Slice(int start, int count) => new ShardColumn<T>(Name, Type, Values.AsSpan(start, count).ToArray());

    /// <inheritdoc/>
    public override ShardColumn Take(IReadOnlyList<int> rows, string name)
    {
        var values = new T[rows.Count];
        for (var row = 0; row < values.Length; row++)
            values[row] = Values[rows[row]];
        return new ShardColumn<T>(name, Type, values);
    }

    internal static ShardColumn<T> Checked(string name, ShardType type, T[] values)
    {
        var column = new ShardColumn<T>(name, type, values);
        if (!type.Nullable && column.FirstNull() is >= 0 and var row)
            throw new ShardColumnException($"Column '{name}' of type {type} is null in row {row}; it must have a value. Use OfNullable.");
        return column;
    }

    internal override int FirstNull() => typeof(T).IsValueType && !Type.Nullable ? -1 : Array.FindIndex(Values, value => value is null);

    internal override ShardColumn Joined(IReadOnlyList<ShardColumn> parts)
    {
        var values = new T[parts.Sum(part => part.Rows)];
        var at = 0;
        foreach (var part in parts.Cast<ShardColumn<T>>())
        {
            part.Values.CopyTo(values, at);
            at += part.Rows;
        }

        return new ShardColumn<T>(Name, Type, values);
    }
}

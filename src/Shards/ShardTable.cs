namespace Pipeline.Shards;

/// <summary>Columns of equal length in a fixed order: what a shard holds, in memory.</summary>
public sealed class ShardTable
{
    private readonly Dictionary<string, ShardColumn> byName;

    /// <summary>A table of <paramref name="columns"/>, in this order.</summary>
    /// <exception cref="ShardColumnException">No column, a name twice, unequal lengths, or fields of one struct that do not stand together.</exception>
    public ShardTable(params IReadOnlyList<ShardColumn> columns)
    {
        if (columns.Count == 0)
            throw new ShardColumnException("The table has 0 columns; it must have at least 1. Add one.");
        Columns = columns;
        byName = new Dictionary<string, ShardColumn>(columns.Count, StringComparer.Ordinal);
        foreach (var column in columns)
            Add(column);
        CheckGroups();
    }

    /// <summary>The columns in file order.</summary>
    public IReadOnlyList<ShardColumn> Columns { get; }

    /// <summary>Cells in each column.</summary>
    public int Rows => Columns[0].Rows;

    /// <summary>The column of this name; null if there is none.</summary>
    public ShardColumn? Find(string name) => byName.GetValueOrDefault(name);

    /// <summary>The cells of a column; not a copy, so do not change them. For a nullable reference type ask for <c>Get&lt;string?&gt;</c>.</summary>
    /// <exception cref="ShardColumnException">There is no such column, or its cells are of another type.</exception>
    public T[] Get<T>(string name)
    {
        var column =
            Find(name)
            ?? throw new ShardColumnException(
                $"Column '{name}' is not in the table; it must be one of {string.Join(", ", byName.Keys)}. Read it, or check its name."
            );
        if (column is ShardColumn<T> typed)
            return typed.Values;
        var wanted = ShardType.Of(typeof(T))?.ToString() ?? typeof(T).Name;
        throw new ShardColumnException($"Column '{name}' is of type {column.Type}; it must be {wanted}. Ask for the type that it has.");
    }

    /// <summary>The rows from <paramref name="start"/> on, <paramref name="count"/> of them.</summary>
    public ShardTable Slice(int start, int count) => new([.. Columns.Select(column => column.Slice(start, count))]);

    /// <summary>The rows of all tables, one after the other.</summary>
    /// <param name="tables">At least one; all with the same columns and types.</param>
    /// <exception cref="ShardColumnException">Two tables differ in their columns.</exception>
    public static ShardTable Concat(IReadOnlyList<ShardTable> tables)
    {
        var first = tables[0];
        if (tables.Count == 1)
            return first;
        var names = Signature(first);
        foreach (var table in tables)
        {
            if (Signature(table) != names)
                throw new ShardColumnException($"A table has the columns {Signature(table)}; it must have {names}, as the first one.");
        }

        return new ShardTable([
            .. first.Columns.Select((column, index) => column.Joined([.. tables.Select(table => table.Columns[index])])),
        ]);
    }

    private static string Signature(ShardTable table) => string.Join(", ", table.Columns.Select(column => $"{column.Name}:{column.Type}"));

    private void Add(ShardColumn column)
    {
        if (column.Rows != Rows)
            throw new ShardColumnException(
                $"Column '{column.Name}' has {column.Rows} rows; it must have {Rows}, as column '{Columns[0].Name}'. Give all columns one length."
            );
        if (!byName.TryAdd(column.Name, column))
            throw new ShardColumnException($"Column '{column.Name}' is there twice; a name must be there once. Rename one of the two.");
    }

    private void CheckGroups()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = "";
        foreach (var column in Columns)
        {
            var group = ShardNames.Nested(column.Name)?.Group ?? "";
            if (group.Length > 0 && group != open && (!seen.Add(group) || byName.ContainsKey(group)))
                throw new ShardColumnException(
                    $"Column '{column.Name}' stands apart from the others of '{group}', or '{group}' is a column itself; "
                        + "the fields of one struct must stand together. Reorder or rename them."
                );
            open = group;
        }
    }
}

namespace Pipeline.Shards.Records;

/// <summary>The further text columns of a record.</summary>
internal sealed class RecordExtra<TRecord>(Func<TRecord, IReadOnlyDictionary<string, string>?> get)
{
    public static ShardType Type { get; } = new(ShardKind.String, Nullable: true);

    /// <summary>A column for each key of any row, in ordinal order.</summary>
    public IEnumerable<ShardColumn> Take(IReadOnlyList<TRecord> rows)
    {
        var extras = rows.Select(row => get(row)).ToArray();
        var keys = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var extra in extras)
            keys.UnionWith(extra?.Keys ?? []);
        return keys.Select(key => ShardColumn.OfNullable(key, Array.ConvertAll(extras, extra => extra?.GetValueOrDefault(key))));
    }

    /// <summary>A dictionary for each row, of the text columns not in <paramref name="claimed"/>.</summary>
    public static IReadOnlyDictionary<string, string>[] Give(ShardTable table, IReadOnlySet<string> claimed)
    {
        var columns = table.Columns.OfType<ShardColumn<string>>().Where(column => !claimed.Contains(column.Name)).ToArray();
        var rows = new IReadOnlyDictionary<string, string>[table.Rows];
        for (var row = 0; row < rows.Length; row++)
        {
            var extra = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var column in columns)
            {
                if (column.Values[row] is { } value)
                    extra[column.Name] = value;
            }

            rows[row] = extra;
        }

        return rows;
    }
}

namespace Pipeline.Shards.Records;

/// <summary>How a record type is taken apart into columns and put together again; made once for each type.</summary>
internal sealed class RecordShape<TRecord>
    where TRecord : notnull
{
    private static readonly Lazy<RecordShape<TRecord>> Lazy = new(() => new RecordShape<TRecord>());

    private readonly IReadOnlyList<RecordMember> members = RecordMember.Of(typeof(TRecord));
    private readonly RecordColumn<TRecord>[] columns;
    private readonly RecordExtra<TRecord>? extra;
    private readonly HashSet<string> claimed = new(StringComparer.Ordinal);
    private readonly Func<Array[], int, TRecord[]> build;

    private RecordShape()
    {
        columns = [.. members.Where(member => !member.IsExtra).Select(member => member.Column<TRecord>())];
        foreach (var column in columns)
        {
            if (!claimed.Add(column.Name))
                throw new ShardColumnException(
                    $"Two properties of {typeof(TRecord).Name} are column '{column.Name}'; it must be one. Rename one with [ColumnName]."
                );
        }

        var extras = members.Where(member => member.IsExtra).ToArray();
        if (extras.Length > 1)
            throw new ShardColumnException(
                $"{typeof(TRecord).Name} has {extras.Length} properties of [ExtraColumns]; it must have one. Join them."
            );
        extra = extras.Length == 1 ? new RecordExtra<TRecord>(extras[0].Getter<TRecord, IReadOnlyDictionary<string, string>?>()) : null;
        build = RecordBuilder.Compile<TRecord>(members);
    }

    public static RecordShape<TRecord> Instance => Lazy.Value;

    public IReadOnlyList<ShardField> Fields =>
        [
            .. columns.Select(column => new ShardField(column.Name, column.Type)),
            .. extra is null ? Array.Empty<ShardField>() : [new ShardField("*", RecordExtra<TRecord>.Type)],
        ];

    public bool Wants(string column, ShardType type) => claimed.Contains(column) || (extra is not null && type.Kind == ShardKind.String);

    public ShardTable Take(IReadOnlyList<TRecord> rows) =>
        new([.. columns.Select(column => column.Take(rows)), .. extra?.Take(rows) ?? []]);

    public TRecord[] Give(ShardTable table)
    {
        var next = 0;
        var cells = new Array[members.Count];
        for (var index = 0; index < cells.Length; index++)
            cells[index] = members[index].IsExtra ? RecordExtra<TRecord>.Give(table, claimed) : columns[next++].Give(table);
        return build(cells, table.Rows);
    }
}

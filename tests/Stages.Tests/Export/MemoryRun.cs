using Pipeline.Shards;
using Pipeline.Stages.Export;

namespace Pipeline.Stages.Tests.Export;

/// <summary>A run whose shards are tables in memory.</summary>
internal sealed class MemoryRun : IRunShards
{
    private readonly Dictionary<(string Stage, int Batch), ShardTable> tables = [];

    public IReadOnlyList<int> Batches => [.. tables.Keys.Select(key => key.Batch).Distinct().Order()];

    public void Add(string stage, int batch, params ShardColumn[] columns) => tables[(stage, batch)] = new ShardTable(columns);

    /// <summary>Puts another text in place of a column's, in every batch.</summary>
    public void Rename(string stage, string column, string before, string after)
    {
        foreach (var (key, table) in tables.Where(table => table.Key.Stage == stage).ToList())
            tables[key] = new ShardTable([
                .. table.Columns.Select(cells =>
                    cells.Name == column
                        ? ShardColumn.Of(
                            column,
                            ((ShardColumn<string>)cells).Values.Select(text => text == before ? after : text).ToArray()
                        )
                        : cells
                ),
            ]);
    }

    public Task<IReadOnlyList<ShardField>?> FieldsAsync(string stage, int batch, CancellationToken stop) =>
        Task.FromResult<IReadOnlyList<ShardField>?>(
            tables.TryGetValue((stage, batch), out var table)
                ? [.. table.Columns.Select(column => new ShardField(column.Name, column.Type))]
                : null
        );

    public Task<ShardTable?> ReadAsync(string stage, int batch, IReadOnlyList<string> columns, CancellationToken stop) =>
        Task.FromResult(
            tables.TryGetValue((stage, batch), out var table) ? new ShardTable([.. columns.Select(name => table.Find(name)!)]) : null
        );
}

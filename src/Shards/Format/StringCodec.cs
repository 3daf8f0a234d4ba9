using Parquet;
using Parquet.Schema;

namespace Pipeline.Shards.Format;

/// <summary>Text: UTF-8 on disk, and hashed as UTF-8.</summary>
internal sealed class StringCodec() : ReferenceCodec<string>(ShardKind.String)
{
    public override Field Declare(string name, bool nullable) => new DataField(name, typeof(string), nullable);

    public override void Hash(ShardColumn column, ColumnDigest digest)
    {
        var cells = Cells(column, 0, column.Rows).Span;
        for (var row = 0; row < cells.Length; row++)
            digest.Text(cells[row], column.Name, row);
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
        var cells = Cells(column, start, count);
        var values = new ReadOnlyMemory<char>[count];
        var used = 0;
        foreach (var cell in cells.Span)
        {
            if (cell is not null)
                values[used++] = cell.AsMemory();
        }

        var levels = Levels(leaf, count, row => cells.Span[row] is null);
        return group.WriteAllPartsAsync<ReadOnlyMemory<char>>(leaf, values.AsMemory(0, used), levels, null, stop);
    }

    protected override async Task<ShardColumn> DecodeAsync(ColumnChunk chunk, string name, bool nullable, CancellationToken stop)
    {
        var values = new ReadOnlyMemory<char>[chunk.Entries];
        var levels = chunk.Leaf.MaxDefinitionLevel > 0 ? new int[values.Length] : null;
        await chunk.Group.ReadRawAsync<ReadOnlyMemory<char>>(chunk.Leaf, values, levels?.AsMemory(), null, stop);
        var cells = new string[values.Length];
        var next = 0;
        for (var row = 0; row < cells.Length; row++)
        {
            if (levels is null || levels[row] == chunk.Leaf.MaxDefinitionLevel)
                cells[row] = values[next++].ToString();
        }

        return Column(name, nullable, cells);
    }

    protected override long CellBytes(string cell) => 2L * cell.Length;
}

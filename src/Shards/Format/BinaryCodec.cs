using Parquet;
using Parquet.Schema;

namespace Pipeline.Shards.Format;

/// <summary>Bytes as they are. Plain pages are read without Parquet.Net: its reader takes twice the time for images.</summary>
internal sealed class BinaryCodec() : ReferenceCodec<byte[]>(ShardKind.Binary)
{
    public override Field Declare(string name, bool nullable) => new DataField(name, typeof(byte[]), nullable);

    public override void Hash(ShardColumn column, ColumnDigest digest)
    {
        foreach (var cell in Cells(column, 0, column.Rows).Span)
        {
            digest.Shape(cell?.Length ?? ColumnDigest.Null);
            digest.Values(cell);
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
        var cells = Cells(column, start, count);
        var values = new ReadOnlyMemory<byte>[count];
        var used = 0;
        foreach (var cell in cells.Span)
        {
            if (cell is not null)
                values[used++] = cell;
        }

        var levels = Levels(leaf, count, row => cells.Span[row] is null);
        return group.WriteAllPartsAsync<ReadOnlyMemory<byte>>(leaf, values.AsMemory(0, used), levels, null, stop);
    }

    public override Task<ShardColumn> ReadAsync(
        ColumnChunk chunk,
        string name,
        bool nullable,
        ColumnDigest digest,
        CancellationToken stop
    ) =>
        PlainBinaryPages.Read(chunk, digest) is { } plain
            ? Task.FromResult<ShardColumn>(Column(name, nullable, plain))
            : base.ReadAsync(chunk, name, nullable, digest, stop);

    protected override async Task<ShardColumn> DecodeAsync(ColumnChunk chunk, string name, bool nullable, CancellationToken stop)
    {
        var values = new ReadOnlyMemory<byte>[chunk.Entries];
        var levels = chunk.Leaf.MaxDefinitionLevel > 0 ? new int[values.Length] : null;
        await chunk.Group.ReadRawAsync<ReadOnlyMemory<byte>>(chunk.Leaf, values, levels?.AsMemory(), null, stop);
        var cells = new byte[values.Length][];
        var next = 0;
        for (var row = 0; row < cells.Length; row++)
        {
            if (levels is null || levels[row] == chunk.Leaf.MaxDefinitionLevel)
                cells[row] = values[next++].ToArray();
        }

        return Column(name, nullable, cells);
    }

    protected override long CellBytes(byte[] cell) => cell.Length;
}

using System.Runtime.InteropServices;

namespace Pipeline.Shards.Format;

/// <summary>Lists of singles, such as embeddings.</summary>
internal sealed class FloatListCodec() : ListCodec<float, float>(ShardKind.Float32List)
{
    public override void Hash(ShardColumn column, ColumnDigest digest)
    {
        foreach (var cell in Cells(column, 0, column.Rows).Span)
        {
            digest.Shape(cell?.Length ?? ColumnDigest.Null);
            digest.Values(MemoryMarshal.AsBytes<float>(cell));
        }
    }

    protected override long CellBytes(float[] cell) => sizeof(float) * (long)cell.Length;

    protected override float Store(float element) => element;

    protected override float Load(float stored) => stored;
}

/// <summary>Lists of texts, such as tags.</summary>
internal sealed class StringListCodec() : ListCodec<string, ReadOnlyMemory<char>>(ShardKind.StringList)
{
    public override void Hash(ShardColumn column, ColumnDigest digest)
    {
        var cells = Cells(column, 0, column.Rows).Span;
        for (var row = 0; row < cells.Length; row++)
        {
            digest.Shape(cells[row]?.Length ?? ColumnDigest.Null);
            foreach (var text in cells[row] ?? [])
                digest.Text(text ?? throw NullElement(column.Name, row), column.Name, row);
        }
    }

    protected override long CellBytes(string[] cell) => cell.Sum(text => 2L * text.Length);

    protected override ReadOnlyMemory<char> Store(string element) => element.AsMemory();

    protected override string Load(ReadOnlyMemory<char> stored) => stored.ToString();

    private static ShardColumnException NullElement(string column, int row) =>
        new($"Column '{column}' has a null text in the list of row {row}; every text of a list must be there. Leave it out.");
}

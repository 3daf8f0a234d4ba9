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

/// <summary>Lists of halves, such as embeddings.</summary>
/// <remarks>In the file they are singles: Parquet.Net 6.1 can neither declare nor write the logical type FLOAT16, and as singles every reader takes them for the numbers
/// that they are. Every half is a single exactly, the bits of its NaNs too; a single that is no half is damage.</remarks>
internal sealed class HalfListCodec() : ListCodec<Half, float>(ShardKind.Float16List)
{
    private const int SpareBits = 13; // a single's mantissa has 23 bits, a half's 10
    private const uint SingleNaN = 0x7f800000;
    private const uint HalfNaN = 0x7c00;

    protected override Type Declared => typeof(float);

    public override void Hash(ShardColumn column, ColumnDigest digest)
    {
        foreach (var cell in Cells(column, 0, column.Rows).Span)
        {
            digest.Shape(cell?.Length ?? ColumnDigest.Null);
            digest.Values(MemoryMarshal.AsBytes<Half>(cell));
        }
    }

    protected override long CellBytes(Half[] cell) => sizeof(ushort) * (long)cell.Length;

    protected override float Store(Half element)
    {
        if (!Half.IsNaN(element))
            return (float)element;
        var bits = (uint)BitConverter.HalfToUInt16Bits(element); // a conversion would make a signalling NaN a quiet one
        return BitConverter.UInt32BitsToSingle(((bits & 0x8000) << 16) | SingleNaN | ((bits & 0x3ff) << SpareBits));
    }

    protected override Half Load(float stored)
    {
        var bits = BitConverter.SingleToUInt32Bits(stored);
        var half = float.IsNaN(stored)
            ? BitConverter.UInt16BitsToHalf((ushort)(((bits >> 16) & 0x8000) | HalfNaN | ((bits >> SpareBits) & 0x3ff)))
            : (Half)stored;
        return BitConverter.SingleToUInt32Bits(Store(half)) == bits
            ? half
            : throw new InvalidDataException($"a list of halves holds {stored:R}, which is no half");
    }
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

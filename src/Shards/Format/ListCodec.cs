using Parquet;
using Parquet.Schema;

namespace Pipeline.Shards.Format;

/// <summary>Lists. In the file a list may always be null; whether a cell may be is said in the footer's column types.</summary>
/// <remarks>Elements are written as required. Other writers declare them as optional: that is read too, but a null element is not.</remarks>
/// <typeparam name="TElement">Element of a cell.</typeparam>
/// <typeparam name="TStored">The same as Parquet.Net takes it.</typeparam>
internal abstract class ListCodec<TElement, TStored>(ShardKind kind) : ReferenceCodec<TElement[]>(kind)
    where TElement : notnull
    where TStored : struct
{
    // Levels of an optional list of required elements; a struct around it adds to all three.
    private const int NullDepth = 2;
    private const int EmptyDepth = 1;

    public override Field Declare(string name, bool nullable) => new ListField(name, new DataField("element", Declared, isNullable: false));

    public override Task WriteAsync(
        ParquetRowGroupWriter group,
        DataField leaf,
        ShardColumn column,
        int start,
        int count,
        CancellationToken stop
    )
    {
        var values = new List<TStored>();
        var definitions = new List<int>();
        var repetitions = new List<int>();
        foreach (var cell in Cells(column, start, count).Span)
        {
            if (cell is not { Length: > 0 })
            {
                definitions.Add(leaf.MaxDefinitionLevel - (cell is null ? NullDepth : EmptyDepth));
                repetitions.Add(0);
                continue;
            }

            for (var index = 0; index < cell.Length; index++)
            {
                values.Add(Store(cell[index]));
                definitions.Add(leaf.MaxDefinitionLevel);
                repetitions.Add(index == 0 ? 0 : 1);
            }
        }

        return group.WriteAllPartsAsync<TStored>(
            leaf,
            values.ToArray(),
            (ReadOnlyMemory<int>)definitions.ToArray(),
            (ReadOnlyMemory<int>)repetitions.ToArray(),
            stop
        );
    }

    protected override async Task<ShardColumn> DecodeAsync(ColumnChunk chunk, string name, bool nullable, CancellationToken stop)
    {
        var deepest = chunk.Leaf.MaxDefinitionLevel;
        if (deepest < NullDepth || chunk.Leaf.MaxRepetitionLevel != 1)
            throw new InvalidDataException($"column '{name}' is not an optional list");
        var values = new TStored[chunk.Entries];
        var definitions = new int[values.Length];
        var repetitions = new int[values.Length];
        await chunk.Group.ReadRawAsync<TStored>(chunk.Leaf, values, definitions.AsMemory(), repetitions.AsMemory(), stop);

        var empty = deepest - EmptyDepth - (chunk.Leaf.IsNullable ? 1 : 0);
        var cells = new TElement[chunk.Rows][];
        var entry = 0;
        var next = 0;
        for (var row = 0; row < cells.Length; row++)
        {
            var length = 1;
            while (entry + length < repetitions.Length && repetitions[entry + length] != 0)
                length++;
            if (definitions[entry] > empty)
            {
                if (definitions.AsSpan(entry, length).ContainsAnyExcept(deepest))
                    throw new InvalidDataException($"column '{name}' has a null element in the list of row {row}");
                cells[row] = Array.ConvertAll(values[next..(next += length)], Load);
            }
            else if (definitions[entry] == empty)
            {
                cells[row] = [];
            }

            entry += length;
        }

        return entry == repetitions.Length
            ? Column(name, nullable, cells)
            : throw new InvalidDataException($"column '{name}' has more lists than the {cells.Length} rows");
    }

    /// <summary>The element as the file's schema has it.</summary>
    protected virtual Type Declared => typeof(TElement);

    protected abstract TStored Store(TElement element);

    protected abstract TElement Load(TStored stored);
}

using Parquet;
using Parquet.Meta;
using Parquet.Schema;

namespace Pipeline.Shards.Format;

/// <summary>One column of one row group, its bytes already in memory.</summary>
/// <param name="Group">Reads through Parquet.Net, from <paramref name="Bytes"/>.</param>
/// <param name="Leaf">The column in the file's schema.</param>
/// <param name="Bytes">All pages with their headers.</param>
/// <param name="Rows">Rows of the row group.</param>
internal sealed record ColumnChunk(ParquetRowGroupReader Group, DataField Leaf, ReadOnlyMemory<byte> Bytes, int Rows)
{
    public ColumnMetaData MetaData =>
        Group.GetMetadata(Leaf)?.MetaData ?? throw new InvalidDataException($"column '{Leaf.Name}' has no metadata");

    /// <summary>Cells, elements of lists and empty lists together: the length of the level arrays.</summary>
    /// <exception cref="InvalidDataException">More than the pages can hold.</exception>
    public int Entries
    {
        get
        {
            var entries = MetaData.NumValues;
            var most = Math.Max(Rows, MetaData.TotalUncompressedSize * 8); // a level takes a bit at least, but for runs of one row
            return entries >= Rows && entries <= most && entries <= Array.MaxLength
                ? (int)entries
                : throw new InvalidDataException($"column '{Leaf.Name}' claims {entries} entries in {Rows} rows");
        }
    }
}

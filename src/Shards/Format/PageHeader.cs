using Parquet.Meta;

namespace Pipeline.Shards.Format;

/// <summary>What is needed of a PageHeader (parquet.thrift); −1 where it does not say.</summary>
/// <param name="Type">A number of <see cref="PageType"/>.</param>
/// <param name="RawBytes">Length of the page uncompressed.</param>
/// <param name="PageBytes">Length of the page as it lies there, without this header.</param>
/// <param name="Values">Cells with nulls, or entries of a dictionary.</param>
/// <param name="Encoding">A number of <see cref="Encoding"/>.</param>
/// <param name="LevelBytes">Bytes of definition levels before the values, for a page of version 2; 0 for others.</param>
/// <param name="HeaderBytes">Length of this header.</param>
internal readonly record struct PageHeader(
    long Type,
    long RawBytes,
    long PageBytes,
    long Values,
    long Encoding,
    long LevelBytes,
    int HeaderBytes
)
{
    /// <summary>Whether cells stand here, of either version.</summary>
    public bool IsData => Type is (long)PageType.DATA_PAGE or (long)PageType.DATA_PAGE_V2;

    /// <summary>Whether the levels stand apart from the values, uncompressed.</summary>
    public bool IsVersion2 => Type == (long)PageType.DATA_PAGE_V2;

    /// <summary>Whether the cells stand one after the other as they are.</summary>
    public bool IsPlain => Encoding == (long)Parquet.Meta.Encoding.PLAIN;

    /// <summary>Reads the header at the start of some bytes.</summary>
    /// <exception cref="InvalidDataException">It is cut off or garbled.</exception>
    public static PageHeader Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new ThriftCompact(bytes);
        var (type, raw, size) = (-1L, -1L, -1L);
        var inner = (Values: -1L, Encoding: -1L, LevelBytes: 0L);
        var id = 0;
        while (reader.Field(ref id) is not ThriftCompact.Stop and var field)
        {
            if (id == 1)
                type = reader.Integer();
            else if (id == 2)
                raw = reader.Integer();
            else if (id == 3)
                size = reader.Integer();
            else if (id is 5 or 7 or 8 && field == ThriftCompact.Struct)
                inner = ReadInner(ref reader, isVersion2: id == 8);
            else
                reader.Skip(field);
        }

        return new PageHeader(type, raw, size, inner.Values, inner.Encoding, inner.LevelBytes, reader.Position);
    }

    private static (long Values, long Encoding, long LevelBytes) ReadInner(ref ThriftCompact reader, bool isVersion2)
    {
        var (values, encoding, levels) = (-1L, -1L, 0L);
        var id = 0;
        while (reader.Field(ref id) is not ThriftCompact.Stop and var field)
        {
            if (id == 1)
                values = reader.Integer();
            else if (id == (isVersion2 ? 4 : 2))
                encoding = reader.Integer();
            else if (isVersion2 && id is 5 or 6 && field is not (ThriftCompact.Struct or ThriftCompact.List or ThriftCompact.Binary))
                levels += reader.Integer();
            else
                reader.Skip(field);
        }

        return (values, encoding, levels);
    }
}

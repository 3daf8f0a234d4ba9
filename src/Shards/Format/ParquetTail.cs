using System.Buffers.Binary;

namespace Pipeline.Shards.Format;

/// <summary>The end of a Parquet file: metadata, its length in four bytes, and <c>PAR1</c> (apache/parquet-format, README.md).</summary>
internal static class ParquetTail
{
    /// <summary>Bytes after the metadata.</summary>
    public const int TrailerBytes = 8;

    /// <summary>Length of the head, <c>PAR1</c>.</summary>
    public const int HeadBytes = 4;

    private const int KeyValueMetadata = 5; // field of FileMetaData, parquet.thrift
    private const int Key = 1;
    private const int Value = 2;

    private static ReadOnlySpan<byte> Magic => "PAR1"u8;

    public static bool IsHead(ReadOnlySpan<byte> head) => head.StartsWith(Magic);

    /// <summary>Length of the metadata and the trailer together.</summary>
    /// <exception cref="InvalidDataException">This is not the end of a Parquet file of that length.</exception>
    public static int Bytes(ReadOnlySpan<byte> tail, long fileLength)
    {
        if (fileLength < HeadBytes + TrailerBytes || tail.Length < TrailerBytes)
            throw new InvalidDataException($"it has {fileLength} bytes, fewer than any Parquet file");
        if (!tail.EndsWith(Magic))
            throw new InvalidDataException("it does not end in PAR1");
        var length = BinaryPrimitives.ReadInt32LittleEndian(tail[^TrailerBytes..]);
        return length > 0 && length <= fileLength - HeadBytes - TrailerBytes
            ? length + TrailerBytes
            : throw new InvalidDataException($"its metadata claims {length} of {fileLength} bytes");
    }

    /// <summary>The key-value pairs; all other metadata is passed over.</summary>
    /// <param name="metadata">Without the trailer.</param>
    /// <exception cref="InvalidDataException">The metadata is cut off or garbled.</exception>
    public static Dictionary<string, string> KeyValues(ReadOnlySpan<byte> metadata)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        var reader = new ThriftCompact(metadata);
        var id = 0;
        while (reader.Field(ref id) is not ThriftCompact.Stop and var type)
        {
            if (id != KeyValueMetadata || type != ThriftCompact.List)
            {
                reader.Skip(type);
                continue;
            }

            for (var left = reader.Elements(out var element); left > 0; left--)
            {
                if (element != ThriftCompact.Struct)
                    throw new InvalidDataException("its key-value metadata is not a list of pairs");
                ReadPair(ref reader, pairs);
            }
        }

        return pairs;
    }

    private static void ReadPair(ref ThriftCompact reader, Dictionary<string, string> pairs)
    {
        var key = "";
        var value = "";
        var id = 0;
        while (reader.Field(ref id) is not ThriftCompact.Stop and var type)
        {
            if (id == Key && type == ThriftCompact.Binary)
                key = reader.Text();
            else if (id == Value && type == ThriftCompact.Binary)
                value = reader.Text();
            else
                reader.Skip(type);
        }

        pairs[key] = value;
    }
}

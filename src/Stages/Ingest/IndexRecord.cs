using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Pipeline.Stages.Ingest;

/// <summary>One record of the index file.</summary>
/// <remarks>
/// Little endian: length of the text in bytes (int32), hash of the uri (16), hash of the encoded bytes (16), size (int64), modified (int64), width (int32),
/// height (int32), the text in UTF-8 (empty, or kind, line feed and message of a rejection), and 8 bytes of XxHash3 over all before.
/// </remarks>
internal readonly record struct IndexRecord(UInt128 Content, long Size, long ModifiedTicks, int Width, int Height, Rejected? Rejected)
{
    public const int FixedBytes = HeadBytes + HashBytes;

    private const int HeadBytes = 60;
    private const int HashBytes = 8;
    private const int MostTextBytes = 1 << 16;

    /// <summary>Changes when the meaning of a field does: records of an older layout then count as damaged, and their samples are read again.</summary>
    private const long Layout = 2;

    public IndexedSample Sample => new(Content, Width, Height, Rejected);

    public static IndexRecord Of(SourceEntry entry, IndexedSample sample) =>
        new(sample.Content, entry.Size, entry.ModifiedTicks, sample.Width, sample.Height, sample.Rejected);

    public byte[] ToBytes(UInt128 key)
    {
        var text = Rejected is null ? [] : Encoding.UTF8.GetBytes($"{Rejected.Kind}\n{Rejected.Message}");
        var bytes = new byte[FixedBytes + text.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, text.Length);
        BinaryPrimitives.WriteUInt128LittleEndian(bytes.AsSpan(4), key);
        BinaryPrimitives.WriteUInt128LittleEndian(bytes.AsSpan(20), Content);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(36), Size);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(44), ModifiedTicks);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(52), Width);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(56), Height);
        text.CopyTo(bytes, HeadBytes);
        var body = bytes.Length - HashBytes;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(body), XxHash3.HashToUInt64(bytes.AsSpan(0, body), Layout));
        return bytes;
    }

    /// <summary>Reads until the end or the first record that is not whole; gives where that begins.</summary>
    public static long ReadAll(Stream file, Dictionary<UInt128, IndexRecord> known)
    {
        var buffer = new byte[FixedBytes + MostTextBytes];
        var end = 0L;
        while (file.ReadAtLeast(buffer.AsSpan(0, FixedBytes), FixedBytes, throwOnEndOfStream: false) == FixedBytes)
        {
            var text = BinaryPrimitives.ReadInt32LittleEndian(buffer);
            if (text is < 0 or > MostTextBytes || file.ReadAtLeast(buffer.AsSpan(FixedBytes, text), text, throwOnEndOfStream: false) < text)
                break;
            var record = buffer.AsSpan(0, FixedBytes + text);
            if (XxHash3.HashToUInt64(record[..^HashBytes], Layout) != BinaryPrimitives.ReadUInt64LittleEndian(record[^HashBytes..]))
                break;
            known[BinaryPrimitives.ReadUInt128LittleEndian(record[4..])] = Parse(record[..^HashBytes]);
            end += record.Length;
        }
        return end;
    }

    private static IndexRecord Parse(ReadOnlySpan<byte> body)
    {
        var text = Encoding.UTF8.GetString(body[HeadBytes..]).Split('\n', 2);
        return new(
            BinaryPrimitives.ReadUInt128LittleEndian(body[20..]),
            BinaryPrimitives.ReadInt64LittleEndian(body[36..]),
            BinaryPrimitives.ReadInt64LittleEndian(body[44..]),
            BinaryPrimitives.ReadInt32LittleEndian(body[52..]),
            BinaryPrimitives.ReadInt32LittleEndian(body[56..]),
            text.Length == 2 ? new Rejected(text[0], text[1]) : null
        );
    }
}

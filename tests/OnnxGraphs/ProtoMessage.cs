using System.Buffers.Binary;
using System.Text;

namespace Pipeline.OnnxGraphs;

/// <summary>A message of protobuf's wire format, field by field, good or bad: nothing is checked.</summary>
public sealed class ProtoMessage
{
    private const int VarintType = 0;
    private const int LengthType = 2;
    private const int Fixed32Type = 5;

    private readonly List<(ReadOnlyMemory<byte> Bytes, ProtoMessage? Nested)> parts = [];

    /// <summary>Bytes of the message, without a header of its own.</summary>
    public long Length => parts.Sum(part => part.Bytes.Length + (part.Nested?.Length ?? 0));

    /// <summary>A field that is a whole number, a flag or an enum's value.</summary>
    public ProtoMessage Number(int field, long value) => Head(field, VarintType, (ulong)value);

    /// <summary>A field that is a single.</summary>
    public ProtoMessage Single(int field, float value)
    {
        var bytes = new byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        return Raw(Varint(Tag(field, Fixed32Type)).ToArray()).Raw(bytes);
    }

    /// <summary>A field that is a text, in UTF-8.</summary>
    public ProtoMessage Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    /// <summary>A field that is bytes, or a packed list; they are kept, not copied.</summary>
    public ProtoMessage Bytes(int field, ReadOnlyMemory<byte> value)
    {
        Head(field, LengthType, (ulong)value.Length);
        parts.Add((value, null));
        return this;
    }

    /// <summary>A field that is a packed list of whole numbers.</summary>
    public ProtoMessage Packed(int field, IEnumerable<long> values) =>
        Bytes(field, values.SelectMany(value => Varint((ulong)value)).ToArray());

    /// <summary>A field that is a message; it must not change any more.</summary>
    public ProtoMessage Message(int field, ProtoMessage value)
    {
        Head(field, LengthType, (ulong)value.Length);
        parts.Add((default, value));
        return this;
    }

    /// <summary>Bytes as they are: for what the other methods cannot say.</summary>
    public ProtoMessage Raw(ReadOnlyMemory<byte> bytes)
    {
        parts.Add((bytes, null));
        return this;
    }

    /// <summary>Writes the message.</summary>
    public void WriteTo(Stream stream)
    {
        foreach (var (bytes, nested) in parts)
        {
            stream.Write(bytes.Span);
            nested?.WriteTo(stream);
        }
    }

    /// <summary>The message in one piece.</summary>
    public byte[] ToArray()
    {
        using var stream = new MemoryStream(checked((int)Length));
        WriteTo(stream);
        return stream.GetBuffer();
    }

    private ProtoMessage Head(int field, int type, ulong value) => Raw(Varint(Tag(field, type)).Concat(Varint(value)).ToArray());

    private static ulong Tag(int field, int type) => ((ulong)field << 3) | (uint)type;

    private static IEnumerable<byte> Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            yield return (byte)(value | 0x80);
        }

        yield return (byte)value;
    }
}

using System.Buffers.Binary;

namespace Pipeline.Models.Onnx.Guard;

/// <summary>One field of a message.</summary>
/// <param name="Number">1 to 536,870,911.</param>
/// <param name="Wire">One of the wire types of <see cref="ProtoFields"/>.</param>
/// <param name="Value">The number of a field that is one.</param>
/// <param name="Bytes">The content of a field that has a length.</param>
/// <param name="Whole">The field with its head.</param>
internal readonly record struct ProtoField(int Number, int Wire, ulong Value, ReadOnlyMemory<byte> Bytes, ReadOnlyMemory<byte> Whole);

/// <summary>The bytes are no message of protobuf's wire format.</summary>
/// <param name="message">Where and how.</param>
internal sealed class BrokenMessageException(string message) : Exception(message);

/// <summary>Reads protobuf's wire format: fields in their order, slices of the file, nothing copied.</summary>
internal static class ProtoFields
{
    public const int Varint = 0;
    public const int Fixed64 = 1;
    public const int Length = 2;
    public const int Fixed32 = 5;

    /// <summary>Ten bytes of seven bits hold any 64.</summary>
    private const int LongestVarint = 10;

    /// <summary>The fields of a message.</summary>
    /// <exception cref="BrokenMessageException">A field is cut, of an unknown form, or longer than the message.</exception>
    public static IEnumerable<ProtoField> Read(ReadOnlyMemory<byte> message, OnnxPlace place)
    {
        for (var at = 0; at < message.Length; )
        {
            var start = at;
            var tag = ReadVarint(message.Span, ref at, place);
            if (tag > uint.MaxValue || tag >> 3 == 0)
            {
                throw Broken(place, start, "begins with a field number out of range");
            }

            var (number, wire) = ((int)(tag >> 3), (int)(tag & 7));
            var (value, bytes) = (0UL, ReadOnlyMemory<byte>.Empty);
            switch (wire)
            {
                case Varint:
                    value = ReadVarint(message.Span, ref at, place);
                    break;
                case Fixed64 when message.Length - at >= sizeof(ulong):
                    value = BinaryPrimitives.ReadUInt64LittleEndian(message.Span[at..]);
                    at += sizeof(ulong);
                    break;
                case Fixed32 when message.Length - at >= sizeof(uint):
                    value = BinaryPrimitives.ReadUInt32LittleEndian(message.Span[at..]);
                    at += sizeof(uint);
                    break;
                case Length:
                    var length = ReadVarint(message.Span, ref at, place);
                    if (length > (ulong)(message.Length - at))
                    {
                        throw Broken(place, start, $"is {length} bytes long and has {message.Length - at}");
                    }

                    bytes = message.Slice(at, (int)length);
                    at += (int)length;
                    break;
                default:
                    throw Broken(place, start, $"is cut or of the unknown wire type {wire}");
            }

            yield return new ProtoField(number, wire, value, bytes, message[start..at]);
        }
    }

    /// <summary>The whole numbers of a list, which may be packed or not.</summary>
    public static IEnumerable<long> Numbers(ProtoField field, OnnxPlace place)
    {
        if (field.Wire == Varint)
        {
            yield return (long)field.Value;
            yield break;
        }

        for (var at = 0; at < field.Bytes.Length; )
        {
            yield return (long)ReadVarint(field.Bytes.Span, ref at, place);
        }
    }

    private static ulong ReadVarint(ReadOnlySpan<byte> bytes, ref int at, OnnxPlace place)
    {
        var value = 0UL;
        for (var index = 0; index < LongestVarint && at < bytes.Length; index++)
        {
            var part = bytes[at++];
            value |= (ulong)(part & 0x7F) << (7 * index);
            if (part < 0x80)
            {
                return value;
            }
        }

        throw Broken(place, at, "has a number that is cut or too long");
    }

    private static BrokenMessageException Broken(OnnxPlace place, int at, string how) =>
        new($"{place}: the field at byte {at} of it {how}");
}

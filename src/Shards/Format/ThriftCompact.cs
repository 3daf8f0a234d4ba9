using System.Text;

namespace Pipeline.Shards.Format;

/// <summary>Reads Thrift's compact protocol from memory, never past its end (apache/thrift, doc/specs/thrift-compact-protocol.md).</summary>
internal ref struct ThriftCompact(ReadOnlySpan<byte> bytes)
{
    public const int Stop = 0;
    public const int True = 1;
    public const int False = 2;
    public const int Byte = 3;
    public const int Int16 = 4;
    public const int Int32 = 5;
    public const int Int64 = 6;
    public const int Double = 7;
    public const int Binary = 8;
    public const int List = 9;
    public const int Struct = 12;

    private const int Set = 10;
    private const int Map = 11;
    private const int Uuid = 13;
    private const int DeepestNesting = 32;

    private readonly ReadOnlySpan<byte> bytes = bytes;

    /// <summary>Bytes read so far.</summary>
    public int Position { get; private set; }

    /// <summary>The next field of a struct: its type, or <see cref="Stop"/>; <paramref name="id"/> is the last field's and becomes this one's.</summary>
    public int Field(ref int id)
    {
        var head = Next();
        if (head == Stop)
            return Stop;
        id = head >> 4 is > 0 and var delta ? id + delta : (int)Integer();
        return (head & 0x0f) is > Stop and var type ? type : throw new InvalidDataException("the metadata has a field without a type");
    }

    public long Integer()
    {
        var raw = Unsigned();
        return (long)(raw >> 1) ^ -(long)(raw & 1);
    }

    public string Text() => Encoding.UTF8.GetString(Take((long)Unsigned()));

    /// <summary>Number and type of a list's elements; every element takes at least a byte.</summary>
    public int Elements(out int type)
    {
        var head = Next();
        type = head & 0x0f;
        var count = head >> 4 is < 15 and var small ? small : (long)Unsigned();
        return count <= bytes.Length - Position ? (int)count : throw Beyond();
    }

    public void Skip(int type, int depth = 0)
    {
        if (depth > DeepestNesting)
            throw new InvalidDataException("the metadata is nested too deep");
        switch (type)
        {
            case True or False:
                break;
            case Byte:
                Take(1);
                break;
            case > Byte and <= Int64:
                Unsigned();
                break;
            case Double:
                Take(8);
                break;
            case Binary:
                Take((long)Unsigned());
                break;
            case List or Set:
                for (var left = Elements(out var element); left > 0; left--)
                    Skip(element is True or False ? Byte : element, depth + 1);
                break;
            case Map:
                SkipMap(depth);
                break;
            case Struct:
                var id = 0;
                while (Field(ref id) is not Stop and var field)
                    Skip(field, depth + 1);
                break;
            case Uuid:
                Take(16);
                break;
            default:
                throw new InvalidDataException($"the metadata has a value of the unknown type {type}");
        }
    }

    private void SkipMap(int depth)
    {
        var count = (long)Unsigned();
        if (count == 0)
            return;
        var types = Next();
        if (count > bytes.Length - Position)
            throw Beyond();
        for (; count > 0; count--)
        {
            Skip(types >> 4 is True or False ? Byte : types >> 4, depth + 1);
            Skip((types & 0x0f) is True or False ? Byte : types & 0x0f, depth + 1);
        }
    }

    private ulong Unsigned()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Next();
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }

        throw new InvalidDataException("the metadata has a number of more than 64 bits");
    }

    private byte Next() => Position < bytes.Length ? bytes[Position++] : throw Beyond();

    private ReadOnlySpan<byte> Take(long count)
    {
        if (count < 0 || count > bytes.Length - Position)
            throw Beyond();
        var taken = bytes.Slice(Position, (int)count);
        Position += (int)count;
        return taken;
    }

    private static InvalidDataException Beyond() => new("the metadata ends in the middle");
}

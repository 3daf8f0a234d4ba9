using System.Buffers.Binary;
using System.Text;

namespace Pipeline.Models.Weights.PyTorch;

/// <summary>Reads the bytes of a pickle one after another, never past its end.</summary>
internal sealed class PickleCursor(CheckpointFile file, byte[] bytes)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private int at;

    public bool IsAtEnd => at == bytes.Length;

    public byte Byte() => Take(1)[0];

    public long UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public long Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public double Double() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    /// <summary>Text of so many bytes of UTF-8.</summary>
    public string Text(ulong length)
    {
        var raw = Take(length);
        try
        {
            return Strict.GetString(raw);
        }
        catch (DecoderFallbackException)
        {
            throw Broken("holding text that is no UTF-8", "of UTF-8");
        }
    }

    /// <summary>Text of so many bytes of an older Python.</summary>
    public string OldText(ulong length) => Encoding.Latin1.GetString(Take(length));

    /// <summary>Text up to the end of the line, which is passed.</summary>
    public string Line()
    {
        var length = bytes.AsSpan(at).IndexOf((byte)'\n');
        if (length < 0)
        {
            throw Broken("cut in a name", "whole");
        }

        var text = Text((ulong)length);
        at++;
        return text;
    }

    /// <summary>A whole number of so many bytes, two's complement; one above 64 bits as what it is.</summary>
    public object Number(ulong length)
    {
        var raw = Take(length);
        if (raw.Length > sizeof(long))
        {
            return new PickledOther($"a whole number of {raw.Length} bytes");
        }

        long value = raw.Length > 0 && raw[^1] >= 0x80 ? -1 : 0;
        for (var index = raw.Length - 1; index >= 0; index--)
        {
            value = value << 8 | raw[index];
        }

        return value;
    }

    /// <summary>Passes so many bytes.</summary>
    public void Skip(ulong length) => Take(length);

    /// <summary>The error at this place.</summary>
    public InvalidDataException Broken(string found, string wanted) => file.Broken("data.pkl", $"{found} (before its byte {at})", wanted);

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)(bytes.Length - at))
        {
            throw Broken($"cut: {length} bytes more were wanted than the {bytes.Length - at} that are left", "whole");
        }

        at += (int)length;
        return bytes.AsSpan(at - (int)length, (int)length);
    }
}

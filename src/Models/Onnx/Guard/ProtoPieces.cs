using System.Buffers;
using System.Text;

namespace Pipeline.Models.Onnx.Guard;

/// <summary>Writes bytes of a message that are not in memory yet.</summary>
internal delegate void FillBytes(Span<byte> target);

/// <summary>A message in pieces: slices of a model file and what is put between them; the whole is put together once.</summary>
internal sealed class ProtoPieces
{
    private readonly List<(int Length, ReadOnlyMemory<byte> Bytes, FillBytes? Fill)> list = [];

    /// <summary>Bytes of all pieces.</summary>
    public long Length { get; private set; }

    /// <summary>A piece that is in memory; kept, not copied.</summary>
    public void Add(ReadOnlyMemory<byte> bytes)
    {
        list.Add((bytes.Length, bytes, null));
        Length += bytes.Length;
    }

    /// <summary>A piece that is written when the whole is put together.</summary>
    public void Add(int length, FillBytes fill)
    {
        list.Add((length, default, fill));
        Length += length;
    }

    /// <summary>A field that is a message.</summary>
    public void Add(int field, ProtoPieces inner)
    {
        Head(field, ProtoFields.Length, (ulong)inner.Length);
        list.AddRange(inner.list);
        Length += inner.Length;
    }

    /// <summary>A field that is bytes.</summary>
    public void Add(int field, ReadOnlyMemory<byte> bytes)
    {
        Head(field, ProtoFields.Length, (ulong)bytes.Length);
        Add(bytes);
    }

    /// <summary>A field that is a text.</summary>
    public void Add(int field, string text) => Add(field, Encoding.UTF8.GetBytes(text));

    /// <summary>A field that is a whole number, 0 or more.</summary>
    public void Add(int field, long number) => Head(field, ProtoFields.Varint, (ulong)number);

    /// <summary>Puts the whole together.</summary>
    /// <param name="target">As long as <see cref="Length"/>.</param>
    public void CopyTo(Span<byte> target)
    {
        foreach (var (length, bytes, fill) in list)
        {
            if (fill is null)
            {
                bytes.Span.CopyTo(target);
            }
            else
            {
                fill(target[..length]);
            }

            target = target[length..];
        }
    }

    /// <summary>The whole in an array.</summary>
    public byte[] ToArray()
    {
        var whole = new byte[Length];
        CopyTo(whole);
        return whole;
    }

    private void Head(int field, int wire, ulong value)
    {
        var head = new ArrayBufferWriter<byte>(16);
        Varint(head, ((ulong)field << 3) | (uint)wire);
        Varint(head, value);
        Add(head.WrittenMemory);
    }

    private static void Varint(ArrayBufferWriter<byte> writer, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            writer.Write([(byte)(value | 0x80)]);
        }

        writer.Write([(byte)value]);
    }
}

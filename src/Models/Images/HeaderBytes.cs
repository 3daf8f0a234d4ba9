using System.Buffers.Binary;

namespace Pipeline.Models.Images;

/// <summary>Reads numbers from bytes that may end anywhere; a read past the end is a rejection, not a fault.</summary>
/// <param name="bytes">The whole file.</param>
/// <param name="format">The format, for the message.</param>
internal readonly ref struct HeaderBytes(ReadOnlySpan<byte> bytes, ImageFormat format)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Bytes there are.</summary>
    public int Length => _bytes.Length;

    /// <summary><paramref name="count"/> bytes from <paramref name="at"/>.</summary>
    public ReadOnlySpan<byte> Slice(long at, int count)
    {
        if (at + count > _bytes.Length)
        {
            throw ImageRejectedException.Truncated(
                $"The {format.Name()} ends after {_bytes.Length:N0} bytes, inside its header; at least {at + count:N0} bytes are wanted."
            );
        }
        return _bytes.Slice((int)at, count);
    }

    /// <summary>The byte at <paramref name="at"/>.</summary>
    public byte Byte(long at) => Slice(at, 1)[0];

    /// <summary>16 bits, high byte first.</summary>
    public int Big16(long at) => BinaryPrimitives.ReadUInt16BigEndian(Slice(at, 2));

    /// <summary>32 bits, high byte first.</summary>
    public uint Big32(long at) => BinaryPrimitives.ReadUInt32BigEndian(Slice(at, 4));

    /// <summary>16 bits, low byte first.</summary>
    public int Little16(long at) => BinaryPrimitives.ReadUInt16LittleEndian(Slice(at, 2));

    /// <summary>32 bits, low byte first.</summary>
    public uint Little32(long at) => BinaryPrimitives.ReadUInt32LittleEndian(Slice(at, 4));
}

using System.Buffers.Binary;

namespace Pipeline.Models.Tests.Images;

/// <summary>Makes EXIF blocks and puts them into JPEG files.</summary>
internal static class Exif
{
    /// <summary>A block (from the byte-order mark on) with one entry, the orientation.</summary>
    public static byte[] Orientation(
        int value,
        bool bigEndian = false,
        ushort type = 3,
        ushort tag = 0x0112,
        uint count = 1,
        uint directory = 8
    )
    {
        var block = new byte[26];
        (bigEndian ? "MM\0*"u8 : "II*\0"u8).CopyTo(block);
        Write32(block, 4, directory, bigEndian);
        Write16(block, 8, 1, bigEndian);
        Write16(block, 10, tag, bigEndian);
        Write16(block, 12, type, bigEndian);
        Write32(block, 14, count, bigEndian);
        Write16(block, 18, (ushort)value, bigEndian);
        return block;
    }

    /// <summary>The file with an APP1 segment right after its first marker.</summary>
    public static byte[] Insert(byte[] jpeg, byte[] block)
    {
        byte[] payload = [.. "Exif\0\0"u8, .. block];
        var length = payload.Length + 2;
        return [.. jpeg[..2], 0xFF, 0xE1, (byte)(length >> 8), (byte)length, .. payload, .. jpeg[2..]];
    }

    private static void Write16(byte[] block, int at, ushort value, bool bigEndian) =>
        BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(at), bigEndian ? BinaryPrimitives.ReverseEndianness(value) : value);

    private static void Write32(byte[] block, int at, uint value, bool bigEndian) =>
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(at), bigEndian ? BinaryPrimitives.ReverseEndianness(value) : value);
}

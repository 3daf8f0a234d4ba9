using System.Numerics;
using System.Runtime.InteropServices;

namespace Pipeline.Stages.Ingest.Tar;

/// <summary>One header block: POSIX.1-1988 (ustar), GNU, or the older form that both are read as.</summary>
/// <param name="Name">The path's bytes, the prefix of ustar before it; a longer one may have come in a block before.</param>
/// <param name="Type">The type flag; '0' for the older form's zero.</param>
/// <param name="Size">Bytes of the body.</param>
/// <param name="HasMoreMap">Whether blocks with more of a GNU sparse file's map follow.</param>
internal readonly record struct TarHeader(byte[] Name, char Type, long Size, bool HasMoreMap)
{
    public const int Bytes = 512;

    private static readonly byte[] Posix = [.. "ustar\0"u8];

    /// <summary>Whether a body may follow: none does after a link, a device, a folder or a pipe, whatever size is written there.</summary>
    public bool HasBody => Type is not (>= '1' and <= '6');

    /// <summary>Reads a block that is not empty.</summary>
    /// <exception cref="TarException">The checksum or a number is wrong.</exception>
    public static TarHeader Read(ReadOnlySpan<byte> block, long position)
    {
        if (!IsSummed(block))
            throw TarException.Damaged(
                $"has no header at byte {position:N0}, where one must be (the checksum is wrong): it is damaged, or no tar."
            );
        var flag = block[156];
        var type = flag == 0 ? '0' : (char)flag;
        var size = Number(block.Slice(124, 12)) ?? throw TarException.Damaged($"has a header with a wrong size at byte {position:N0}.");
        var name = Field(block[..100]);
        var prefix = block.Slice(257, 6).SequenceEqual(Posix) ? Field(block.Slice(345, 155)) : [];
        byte[] path = prefix.IsEmpty ? [.. name] : [.. prefix, (byte)'/', .. name];
        return new(path, type, size, type == 'S' && block[482] != 0);
    }

    /// <summary>Octal digits, or the big-endian binary of GNU for what has no room in them; null if it is neither, or negative.</summary>
    internal static long? Number(ReadOnlySpan<byte> field)
    {
        var value = 0L;
        if ((field[0] & 0x80) != 0)
        {
            if ((field[0] & 0x7F) != 0)
                return null;
            foreach (var part in field[1..])
            {
                if (value > long.MaxValue >> 8)
                    return null;
                value = (value << 8) | part;
            }

            return value;
        }

        var text = field.TrimStart((byte)' ');
        var end = text.IndexOfAny((byte)0, (byte)' ');
        foreach (var digit in end < 0 ? text : text[..end])
        {
            if (digit is < (byte)'0' or > (byte)'7')
                return null;
            value = (value << 3) | (uint)(digit - '0');
        }

        return value;
    }

    /// <summary>The sum of all bytes, those of the sum itself as spaces; some writers took the bytes as signed.</summary>
    private static bool IsSummed(ReadOnlySpan<byte> block)
    {
        var field = block.Slice(148, 8);
        var plain = Sum(block) - Sum(field) + (field.Length * ' ');
        if (Number(field) is not { } sum || sum == plain)
            return Number(field) == plain;
        var high = 0;
        foreach (var one in block)
            high += one >> 7;
        foreach (var one in field)
            high -= one >> 7;
        return sum == plain - (256 * high);
    }

    /// <summary>The sum of the bytes; several at a time, since a tar of small samples is mostly headers.</summary>
    private static long Sum(ReadOnlySpan<byte> bytes)
    {
        var sums = Vector<uint>.Zero;
        var parts = MemoryMarshal.Cast<byte, Vector<byte>>(bytes);
        foreach (var part in parts)
        {
            Vector.Widen(part, out var low, out var high);
            Vector.Widen(low + high, out var first, out var second);
            sums += first + second;
        }

        var sum = (long)Vector.Sum(sums);
        foreach (var one in bytes[(parts.Length * Vector<byte>.Count)..])
            sum += one;
        return sum;
    }

    private static ReadOnlySpan<byte> Field(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        return end < 0 ? field : field[..end];
    }
}

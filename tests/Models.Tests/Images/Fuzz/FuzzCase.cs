using System.Buffers.Binary;
using System.IO.Hashing;

namespace Pipeline.Models.Tests.Images.Fuzz;

/// <summary>One damaged file, made from the seed and its number alone: a case that failed is made again by these two.</summary>
internal static class FuzzCase
{
    private static readonly uint[] s_sizes =
    [
        0,
        1,
        2,
        0x7F,
        0x80,
        0xFF,
        0x100,
        0x7FFF,
        0x8000,
        0xFFFF,
        0x10000,
        0x7FFF_FFFF,
        0x8000_0000,
        0xFFFF_FFFF,
    ];

    public static (string Name, byte[] Bytes) Make(int seed, int number)
    {
        var (name, whole) = FuzzSeeds.All[number % FuzzSeeds.All.Count];
        var random = new Random(HashOf(seed, number));
        var pieces = FilePieces.Of(whole);
        var bytes = whole.ToList();
        for (var change = random.Next(1, 5); change > 0 && bytes.Count > 1; change--)
        {
            Damage(bytes, pieces, random);
        }
        var damaged = bytes.ToArray();
        if (random.Next(2) == 0)
        {
            MendChecksums(damaged);
        }
        return (name, damaged);
    }

    private static void Damage(List<byte> bytes, IReadOnlyList<FilePiece> pieces, Random random)
    {
        var at = random.Next(random.Next(2) == 0 ? Math.Min(64, bytes.Count) : bytes.Count);
        var length = Math.Min(random.Next(1, 20), bytes.Count - at);
        var piece = pieces[random.Next(pieces.Count)];
        var isThere = piece.Start + piece.Length <= bytes.Count;
        switch (random.Next(16))
        {
            case 0:
                bytes.RemoveRange(Math.Max(at, 1), bytes.Count - Math.Max(at, 1));
                break;
            case 1:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case 2:
                bytes.RemoveRange(at, length);
                break;
            case 3 when isThere:
                bytes.InsertRange(piece.Start, Repeated(bytes.GetRange(piece.Start, piece.Length), random.Next(1, 40)));
                break;
            case 4 when isThere:
                bytes.RemoveRange(piece.Start, piece.Length);
                break;
            case 5 when isThere:
                bytes.AddRange(bytes.GetRange(piece.Start, piece.Length));
                break;
            case 6 or 7 or 8 when piece.SizeAt + piece.SizeBytes <= bytes.Count:
                SetSize(bytes, piece, random);
                break;
            case < 12:
                bytes[at] = (byte)random.Next(256);
                break;
            default:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
        }
    }

    private static IEnumerable<byte> Repeated(List<byte> piece, int times) =>
        piece.Count * times > 100_000 ? piece : Enumerable.Repeat(piece, times).SelectMany(bytes => bytes);

    private static void SetSize(List<byte> bytes, FilePiece piece, Random random)
    {
        var number = new byte[4];
        var value = random.Next(4) == 0 ? (uint)random.Next(bytes.Count * 2) : s_sizes[random.Next(s_sizes.Length)];
        BinaryPrimitives.WriteUInt32BigEndian(number, value);
        var kept = number[^piece.SizeBytes..];
        if (random.Next(2) == 0)
        {
            Array.Reverse(kept);
        }
        for (var index = 0; index < kept.Length; index++)
        {
            bytes[piece.SizeAt + index] = kept[index];
        }
    }

    /// <summary>Makes the checksums of a PNG's chunks right again, so that damage reaches what lies behind them.</summary>
    private static void MendChecksums(byte[] bytes)
    {
        if (bytes.Length < 8 || bytes[0] != 0x89)
        {
            return;
        }
        for (long at = 8; at + 12 <= bytes.Length; )
        {
            var size = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan((int)at));
            if (at + 12 + size > bytes.Length)
            {
                return;
            }
            var check = Crc32.HashToUInt32(bytes.AsSpan((int)at + 4, (int)size + 4));
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan((int)(at + 8 + size)), check);
            at += 12 + size;
        }
    }

    private static int HashOf(int seed, int number)
    {
        var key = new byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(key, seed);
        BinaryPrimitives.WriteInt32LittleEndian(key.AsSpan(4), number);
        return (int)XxHash32.HashToUInt32(key);
    }
}

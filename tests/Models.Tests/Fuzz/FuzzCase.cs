using System.Buffers.Binary;
using System.IO.Hashing;

namespace Pipeline.Models.Tests.Fuzz;

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

    public static (string Name, byte[] Bytes) Make(IFuzzTarget target, int seed, int number)
    {
        var (name, whole) = target.Seeds[number % target.Seeds.Count];
        var random = new Random(HashOf(seed, number));
        var pieces = target.Pieces(whole);
        var bytes = whole.ToList();
        for (var change = random.Next(1, 5); change > 0 && bytes.Count > 1; change--)
        {
            if (target.Words.Count > 0 && random.Next(3) == 0)
            {
                PutWord(bytes, target.Words[random.Next(target.Words.Count)], random);
            }
            else
            {
                Damage(bytes, pieces, random);
            }
        }
        var damaged = bytes.ToArray();
        if (random.Next(2) == 0)
        {
            target.Mend(damaged);
        }
        return (name, damaged);
    }

    private static void Damage(List<byte> bytes, IReadOnlyList<FilePiece> pieces, Random random)
    {
        var at = random.Next(random.Next(2) == 0 ? Math.Min(64, bytes.Count) : bytes.Count);
        var length = Math.Min(random.Next(1, 20), bytes.Count - at);
        var piece = pieces.Count > 0 ? pieces[random.Next(pieces.Count)] : new FilePiece(0, 0, int.MaxValue - 8, 0);
        var isThere = piece.Length > 0 && piece.Start + piece.Length <= bytes.Count;
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
        var number = new byte[8];
        var value = random.Next(4) == 0 ? (uint)random.Next(bytes.Count * 2) : s_sizes[random.Next(s_sizes.Length)];
        BinaryPrimitives.WriteUInt64BigEndian(number, piece.SizeBytes == 8 && random.Next(2) == 0 ? (ulong)value << 31 : value);
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

    /// <summary>Puts a word in, before what is there or over it.</summary>
    private static void PutWord(List<byte> bytes, byte[] word, Random random)
    {
        var at = random.Next(bytes.Count);
        if (random.Next(2) == 0)
        {
            bytes.RemoveRange(at, Math.Min(random.Next(1, word.Length + 4), bytes.Count - at));
        }
        bytes.InsertRange(at, word);
    }

    private static int HashOf(int seed, int number)
    {
        var key = new byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(key, seed);
        BinaryPrimitives.WriteInt32LittleEndian(key.AsSpan(4), number);
        return (int)XxHash32.HashToUInt32(key);
    }
}

using System.Buffers.Binary;
using Pipeline.Models.Tests.Fuzz;

namespace Pipeline.Models.Tests.Images.Fuzz;

/// <summary>Finds the pieces of a good file, so that damage can be done to whole ones.</summary>
internal static class FilePieces
{
    public static IReadOnlyList<FilePiece> Of(byte[] bytes) =>
        bytes[0] switch
        {
            0xFF => Jpeg(bytes),
            0x89 => Png(bytes),
            (byte)'R' => Riff(bytes),
            (byte)'I' or (byte)'M' => Tiff(bytes),
            (byte)'B' => [.. new[] { 2, 10, 14, 18, 22, 28, 30, 46 }.Select(at => new FilePiece(at, 4, at, 4))],
            _ => [.. new[] { 6, 8, 10, 13, 16, bytes.Length - 4 }.Select(at => new FilePiece(at, 2, at, 2))],
        };

    private static List<FilePiece> Png(byte[] bytes)
    {
        var pieces = new List<FilePiece> { new(16, 8, 16, 4), new(16, 8, 20, 4) };
        for (var at = 8; at + 12 <= bytes.Length; at += pieces[^1].Length)
        {
            pieces.Add(new FilePiece(at, 12 + BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at)), at, 4));
        }
        return pieces;
    }

    private static List<FilePiece> Riff(byte[] bytes)
    {
        var pieces = new List<FilePiece> { new(0, 12, 4, 4) };
        for (var at = 12; at + 8 <= bytes.Length; at += pieces[^1].Length)
        {
            var size = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at + 4));
            pieces.Add(new FilePiece(at, Math.Min(8 + size + (size & 1), bytes.Length - at), at + 4, 4));
        }
        return pieces;
    }

    private static List<FilePiece> Jpeg(byte[] bytes)
    {
        var pieces = new List<FilePiece>();
        for (var at = 2; at + 4 <= bytes.Length && bytes[at] == 0xFF; at += pieces[^1].Length)
        {
            pieces.Add(new FilePiece(at, 2 + BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(at + 2)), at + 2, 2));
            if (bytes[at + 1] is 0xC0 or 0xC2)
            {
                pieces.Insert(0, new FilePiece(at, pieces[^1].Length, at + 5, 2));
            }
            if (bytes[at + 1] == 0xDA)
            {
                break;
            }
        }
        return pieces;
    }

    private static List<FilePiece> Tiff(byte[] bytes)
    {
        var start = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(4));
        if (bytes[0] != 'I' || bytes[2] != 42 || start + 2 > bytes.Length)
        {
            return [new FilePiece(4, 4, 4, 4)]; // BigTIFF: damage anywhere does
        }
        var count = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(start));
        return
        [
            .. Enumerable
                .Range(0, count)
                .SelectMany(entry => new[] { 4, 8 }.Select(field => (At: start + 2 + (entry * 12), Field: field)))
                .Select(entry => new FilePiece(entry.At, 12, entry.At + entry.Field, 4)),
        ];
    }
}

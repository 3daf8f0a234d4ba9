using System.Buffers.Binary;
using System.IO.Hashing;
using Pipeline.Models.Images;
using Pipeline.Models.Tests.Fuzz;

namespace Pipeline.Models.Tests.Images.Fuzz;

/// <summary>Damaged images of every format: decoded whole or to a size.</summary>
internal sealed class ImageFuzz : IFuzzTarget
{
    private static readonly DecodeLimits s_limits = new() { Pixels = 1_000_000 };

    public IReadOnlyList<(string Name, byte[] Bytes)> Seeds => FuzzSeeds.All;

    public IReadOnlyList<string> Unsupported => ["tiff big"];

    public IReadOnlyList<FilePiece> Pieces(byte[] bytes) => FilePieces.Of(bytes);

    public bool Read(string name, byte[] bytes, int number)
    {
        try
        {
            var image = number % 2 == 0 ? ImageDecoder.Decode(bytes, s_limits) : ImageDecoder.DecodeToSize(bytes, 24, 24, s_limits);
            return image.Pixels.Length == image.Width * image.Height * 3
                ? true
                : throw new InvalidOperationException(
                    $"An image of {image.Width} x {image.Height} pixels has {image.Pixels.Length} bytes."
                );
        }
        catch (ImageRejectedException)
        {
            return false;
        }
    }

    /// <summary>A PNG's chunks have checksums.</summary>
    public void Mend(byte[] bytes)
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
}

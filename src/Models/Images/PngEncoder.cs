using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace Pipeline.Models.Images;

/// <summary>Encodes PNG: 8-bit RGB, not interlaced, no metadata.</summary>
public static class PngEncoder
{
    private const int Channels = 3;

    /// <summary>A PNG file. Equal input gives equal bytes with one version of .NET, whose zlib compresses it.</summary>
    /// <remarks>Every row is filtered against its left neighbour or the row above, whichever leaves the smaller sum of differences (ISO/IEC 15948, 12.8).</remarks>
    /// <exception cref="ArgumentException">The image has another number of bytes than its size asks for.</exception>
    public static byte[] Encode(RgbImage image)
    {
        CheckLength(image);
        using var file = new MemoryStream();
        file.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, image.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], image.Height);
        (header[8], header[9]) = (8, 2);
        WriteChunk(file, "IHDR"u8, header);
        WriteChunk(file, "IDAT"u8, Compress(image));
        WriteChunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    /// <summary>Refuses an image whose buffer does not fit its size.</summary>
    internal static void CheckLength(RgbImage image)
    {
        var wanted = (long)image.Width * image.Height * Channels;
        if (image.Width < 1 || image.Height < 1 || image.Pixels.Length != wanted)
        {
            throw new ArgumentException(
                $"The image of {image.Width} x {image.Height} pixels has {image.Pixels.Length:N0} bytes; it must have {wanted:N0}, and sides of at least 1. Build it from a buffer of its size.",
                nameof(image)
            );
        }
    }

    private static ReadOnlySpan<byte> Compress(RgbImage image)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            var stride = image.Width * Channels;
            var above = new byte[stride];
            var (left, up) = (new byte[stride + 1], new byte[stride + 1]);
            (left[0], up[0]) = (1, 2);
            for (var y = 0; y < image.Height; y++)
            {
                var row = image.Pixels.AsSpan(y * stride, stride);
                var (leftSum, upSum) = (0L, 0L);
                for (var x = 0; x < stride; x++)
                {
                    left[x + 1] = (byte)(row[x] - (x >= Channels ? row[x - Channels] : 0));
                    up[x + 1] = (byte)(row[x] - above[x]);
                    leftSum += Math.Abs((int)(sbyte)left[x + 1]);
                    upSum += Math.Abs((int)(sbyte)up[x + 1]);
                }
                zlib.Write(leftSum <= upSum ? left : up);
                row.CopyTo(above);
            }
        }
        return packed.GetBuffer().AsSpan(0, (int)packed.Length);
    }

    private static void WriteChunk(Stream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> word = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(word, data.Length);
        file.Write(word);
        file.Write(type);
        file.Write(data);
        var check = new Crc32();
        check.Append(type);
        check.Append(data);
        BinaryPrimitives.WriteUInt32BigEndian(word, check.GetCurrentHashAsUInt32());
        file.Write(word);
    }
}

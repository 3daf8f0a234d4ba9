using System.Buffers;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;

namespace Pipeline.Shards.Format;

/// <summary>Hash of a column's cells, whatever the encoder and however the rows are cut into groups.</summary>
/// <remarks>
/// Two streams are hashed (XxHash128): the values one after the other, little-endian, text as UTF-8; and the shape, an int32 for each cell that
/// may be null or has a length: -1 for null, else the length in bytes (text, bytes), in elements (a list, followed by the length of each text) or
/// 1 (a number). The digest is the hash of both hashes.
/// </remarks>
internal sealed class ColumnDigest
{
    public const int Null = -1;

    private const int BufferBytes = 4096;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly XxHash128 values = new();
    private readonly XxHash128 shape = new();
    private readonly byte[] valueBuffer = new byte[BufferBytes];
    private readonly int[] shapeBuffer = new int[BufferBytes / sizeof(int)];
    private int valueBytes;
    private int shapeCount;

    public void Shape(int length)
    {
        if (shapeCount == shapeBuffer.Length)
            FlushShape();
        shapeBuffer[shapeCount++] = length;
    }

    public void Values(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > BufferBytes - valueBytes)
            FlushValues();
        if (bytes.Length > BufferBytes)
        {
            values.Append(bytes);
            return;
        }

        bytes.CopyTo(valueBuffer.AsSpan(valueBytes));
        valueBytes += bytes.Length;
    }

    /// <summary>Adds a text: its UTF-8 and, to the shape, its length.</summary>
    /// <exception cref="ShardColumnException">Half a surrogate pair, which no UTF-8 file can hold.</exception>
    public void Text(string? text, string column, int row)
    {
        if (text is null)
        {
            Shape(Null);
            return;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(Strict.GetMaxByteCount(text.Length));
        try
        {
            var length = Strict.GetBytes(text, buffer);
            Shape(length);
            Values(buffer.AsSpan(0, length));
        }
        catch (EncoderFallbackException error)
        {
            throw new ShardColumnException(
                $"Column '{column}', row {row}, has half a surrogate pair at character {error.Index}; it must be valid Unicode. Mend the text."
            );
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>32 lower-case hex digits.</summary>
    public string Finish()
    {
        FlushValues();
        FlushShape();
        Span<byte> both = stackalloc byte[32];
        values.GetCurrentHash(both);
        shape.GetCurrentHash(both[16..]);
        return Convert.ToHexStringLower(XxHash128.Hash(both));
    }

    private void FlushValues()
    {
        values.Append(valueBuffer.AsSpan(0, valueBytes));
        valueBytes = 0;
    }

    private void FlushShape()
    {
        shape.Append(MemoryMarshal.AsBytes(shapeBuffer.AsSpan(0, shapeCount)));
        shapeCount = 0;
    }
}

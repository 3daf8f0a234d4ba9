using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using static TorchSharp.torch;

namespace Pipeline.Models.Weights;

/// <summary>Writes safetensors files whose bytes depend on names, values and metadata alone.</summary>
internal static class SafetensorsWriter
{
    private const int Alignment = 8;
    private const long PieceBytes = 1 << 30; // one span holds at most 2 GiB

    /// <summary>Writes a file whole or not at all: under a temporary name in the same folder, then renamed over <paramref name="path"/>.</summary>
    /// <param name="path">The file; replaced if it exists. Its folder must exist.</param>
    /// <param name="tensors">Names and tensors of any device, in any order; they are stored in ordinal order of the names and are not disposed.</param>
    /// <param name="metadata">Stored in the header in ordinal order of the keys.</param>
    /// <exception cref="InvalidDataException">A name comes twice, or a type has no word in the format.</exception>
    public static void Write(
        string path,
        IEnumerable<(string Name, Tensor Tensor)> tensors,
        IReadOnlyDictionary<string, string>? metadata
    ) => AtomicFile.Write(path, stream => Write(stream, tensors, metadata));

    /// <summary>Writes the format to a stream: equal input gives equal bytes, the header is padded with spaces to 8 bytes.</summary>
    /// <param name="stream">Written from its position on; left open.</param>
    /// <param name="tensors">Names and tensors of any device, in any order; they are stored in ordinal order of the names and are not disposed.</param>
    /// <param name="metadata">Stored in the header in ordinal order of the keys.</param>
    /// <exception cref="InvalidDataException">A name comes twice, or a type has no word in the format.</exception>
    public static void Write(
        Stream stream,
        IEnumerable<(string Name, Tensor Tensor)> tensors,
        IReadOnlyDictionary<string, string>? metadata
    )
    {
        Write(stream, tensors.Select(item => Item(item.Name, item.Tensor)), metadata);
    }

    /// <summary>Writes tensors that are given one by one, in ordinal order of their names.</summary>
    /// <exception cref="InvalidDataException">A name comes twice.</exception>
    public static void Write(Stream stream, IEnumerable<SafetensorsItem> items, IReadOnlyDictionary<string, string>? metadata)
    {
        var sorted = items.OrderBy(item => item.Name, StringComparer.Ordinal).ToArray();
        for (var index = 0; index < sorted.Length; index++)
        {
            if (sorted[index].Name == "__metadata__" || (index > 0 && sorted[index].Name == sorted[index - 1].Name))
            {
                throw new InvalidDataException(
                    $"Tensor name {sorted[index].Name} is taken; every name must be given once, and __metadata__ never. Rename the tensor."
                );
            }
        }

        var header = Header(sorted, metadata);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (var item in sorted)
        {
            item.Write(stream);
        }
    }

    private static SafetensorsItem Item(string name, Tensor tensor) =>
        new(
            name,
            TensorType.WordOf(name, tensor.dtype),
            tensor.shape,
            tensor.NumberOfElements * tensor.ElementSize,
            stream => WriteData(stream, tensor)
        );

    private static byte[] Header(SafetensorsItem[] sorted, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject("__metadata__");
                foreach (var (key, value) in metadata.OrderBy(item => item.Key, StringComparer.Ordinal))
                {
                    json.WriteString(key, value);
                }

                json.WriteEndObject();
            }

            var begin = 0L;
            foreach (var item in sorted)
            {
                begin = WriteEntry(json, item, begin);
            }

            json.WriteEndObject();
        }

        while (buffer.Length % Alignment != 0)
        {
            buffer.WriteByte((byte)' ');
        }

        return buffer.Length <= SafetensorsHeader.MaximumBytes
            ? buffer.ToArray()
            : throw new InvalidDataException(
                $"The header is {buffer.Length} bytes long; it must be at most {SafetensorsHeader.MaximumBytes} bytes. Write fewer tensors or shorter names."
            );
    }

    private static long WriteEntry(Utf8JsonWriter json, SafetensorsItem item, long begin)
    {
        var end = begin + item.Length;
        json.WriteStartObject(item.Name);
        json.WriteString("dtype", item.DType);
        json.WriteStartArray("shape");
        foreach (var size in item.Shape)
        {
            json.WriteNumberValue(size);
        }

        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(begin);
        json.WriteNumberValue(end);
        json.WriteEndArray();
        json.WriteEndObject();
        return end;
    }

    private static void WriteData(Stream stream, Tensor tensor)
    {
        if (tensor.NumberOfElements == 0)
        {
            return;
        }

        using var scope = NewDisposeScope();
        var flat = tensor.detach().cpu().contiguous().view(-1);
        var piece = PieceBytes / tensor.ElementSize;
        for (long begin = 0; begin < flat.NumberOfElements; begin += piece)
        {
            stream.Write(flat.narrow(0, begin, Math.Min(piece, flat.NumberOfElements - begin)).bytes);
        }
    }
}

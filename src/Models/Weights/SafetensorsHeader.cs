using System.Text.Json;

namespace Pipeline.Models.Weights;

/// <summary>Reads the JSON header of a safetensors file and checks it against the bytes that follow.</summary>
/// <remarks>Format: github.com/huggingface/safetensors, README (8 bytes length, JSON, data without holes).</remarks>
internal static class SafetensorsHeader
{
    /// <summary>The longest header that is read, bytes; the format's own limit.</summary>
    public const long MaximumBytes = 100_000_000;

    private const int MaximumAxes = 64; // libtorch's own limit

    /// <summary>The header's entries by name, and its metadata.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="json">The header without its length.</param>
    /// <param name="dataBytes">Bytes after the header.</param>
    /// <exception cref="InvalidDataException">The header breaks the format; the message names file, field, what was found and what was wanted.</exception>
    public static (SortedDictionary<string, SafetensorsEntry> Entries, SortedDictionary<string, string> Metadata) Parse(
        string file,
        ReadOnlyMemory<byte> json,
        long dataBytes
    )
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var entries = new SortedDictionary<string, SafetensorsEntry>(StringComparer.Ordinal);
            var metadata = new SortedDictionary<string, string>(StringComparer.Ordinal);
            foreach (var field in Object(file, "the header", document.RootElement).EnumerateObject())
            {
                if (field.Name == "__metadata__")
                {
                    ReadMetadata(file, field.Value, metadata);
                }
                else if (!entries.TryAdd(field.Name, Entry(file, field.Name, field.Value)))
                {
                    throw Broken(file, field.Name, "named twice", "named once");
                }
            }

            CheckLayout(file, entries.Values, dataBytes);
            return (entries, metadata);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException) // the second: text that is no UTF-8
        {
            throw new InvalidDataException(
                $"{file}: the header is not JSON ({error.Message}). Fetch the file again, or write it with a safetensors writer.",
                error
            );
        }
    }

    private static SafetensorsEntry Entry(string file, string name, JsonElement value)
    {
        Object(file, name, value);
        var dtype = Field(file, name, value, "dtype", JsonValueKind.String).GetString() ?? "";
        if (TensorType.Of(dtype) is not var (_, bytes))
        {
            throw Broken(file, $"{name}.dtype", $"'{dtype}'", $"one of {TensorType.Words}");
        }

        var shape = Numbers(file, $"{name}.shape", Field(file, name, value, "shape", JsonValueKind.Array));
        var offsets = Numbers(file, $"{name}.data_offsets", Field(file, name, value, "data_offsets", JsonValueKind.Array));
        if (offsets.Length != 2 || offsets[1] < offsets[0])
        {
            throw Broken(file, $"{name}.data_offsets", SafetensorsEntry.Text(offsets), "[begin, end] with begin at most end");
        }

        var wanted = shape.Aggregate((Int128)bytes, (product, size) => product > long.MaxValue ? product : product * size);
        if (wanted != offsets[1] - offsets[0])
        {
            throw Broken(
                file,
                $"{name}.data_offsets",
                $"{offsets[1] - offsets[0]} bytes",
                $"{wanted} bytes for {dtype} {SafetensorsEntry.Text(shape)}"
            );
        }

        CheckSizes(file, name, shape);
        return new SafetensorsEntry(name, dtype, shape, offsets[0], offsets[1]);
    }

    /// <summary>A tensor with an axis of no length has no bytes, whatever its other axes say; their product must be countable all the same.</summary>
    private static void CheckSizes(string file, string name, long[] shape)
    {
        var steps = shape.Aggregate(Int128.One, (product, size) => product > long.MaxValue ? product : product * Math.Max(size, 1));
        if (shape.Length > MaximumAxes || steps > long.MaxValue / 8)
        {
            throw Broken(
                file,
                $"{name}.shape",
                shape.Length > MaximumAxes ? $"of {shape.Length} axes" : SafetensorsEntry.Text(shape),
                $"at most {MaximumAxes} axes whose product is below 2^60"
            );
        }
    }

    private static void CheckLayout(string file, IEnumerable<SafetensorsEntry> entries, long dataBytes)
    {
        var expected = 0L;
        foreach (var entry in entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End))
        {
            if (entry.End > dataBytes)
            {
                throw Broken(file, $"{entry.Name}.data_offsets", $"an end at byte {entry.End}", $"within the {dataBytes} bytes of data");
            }

            if (entry.Begin != expected)
            {
                var fault = entry.Begin < expected ? "an overlap" : "a hole";
                throw Broken(file, $"{entry.Name}.data_offsets", $"{fault}: begin {entry.Begin}", $"begin {expected}");
            }

            expected = entry.End;
        }

        if (expected != dataBytes)
        {
            throw Broken(file, "the data", $"{dataBytes} bytes long", $"{expected} bytes long, as the tensors say");
        }
    }

    private static void ReadMetadata(string file, JsonElement value, SortedDictionary<string, string> metadata)
    {
        foreach (var field in Object(file, "__metadata__", value).EnumerateObject())
        {
            if (field.Value.ValueKind != JsonValueKind.String)
            {
                throw Broken(file, $"__metadata__.{field.Name}", $"a {field.Value.ValueKind}", "a string");
            }

            if (!metadata.TryAdd(field.Name, field.Value.GetString() ?? ""))
            {
                throw Broken(file, $"__metadata__.{field.Name}", "named twice", "named once");
            }
        }
    }

    private static JsonElement Object(string file, string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.Object ? value : throw Broken(file, name, $"a {value.ValueKind}", "an object");

    private static JsonElement Field(string file, string name, JsonElement value, string field, JsonValueKind kind) =>
        value.TryGetProperty(field, out var found) && found.ValueKind == kind
            ? found
            : throw Broken(
                file,
                $"{name}.{field}",
                found.ValueKind == JsonValueKind.Undefined ? "missing" : $"a {found.ValueKind}",
                $"a {kind}"
            );

    private static long[] Numbers(string file, string name, JsonElement value) =>
        [
            .. value
                .EnumerateArray()
                .Select(item =>
                    item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out var number) && number >= 0
                        ? number
                        : throw Broken(file, name, item.GetRawText(), "whole numbers of 0 or more")
                ),
        ];

    private static InvalidDataException Broken(string file, string field, string found, string wanted) =>
        new($"{file}: {field} is {found}; it must be {wanted}. Fetch the file again, or write it with a safetensors writer.");
}

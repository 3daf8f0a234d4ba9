using System.Globalization;
using System.Text;

namespace Pipeline.Models.Onnx.Guard;

/// <summary>Where a tensor's values lie in another file.</summary>
/// <param name="File">Opened and checked.</param>
/// <param name="Offset">Of the first byte.</param>
/// <param name="Bytes">Bytes of all values.</param>
internal sealed record ExternalPart(ExternalFile File, long Offset, int Bytes);

/// <summary>The entries of a tensor that say where its values lie.</summary>
internal sealed class ExternalData
{
    private readonly Dictionary<string, string> entries = new(StringComparer.Ordinal);

    /// <summary>True where nothing was said.</summary>
    public bool IsEmpty => entries.Count == 0;

    /// <summary>Reads one entry.</summary>
    public void Add(ReadOnlyMemory<byte> entry, OnnxPlace place)
    {
        var (key, value) = ("", "");
        foreach (var field in ProtoFields.Read(entry, place))
        {
            key = field.Number == 1 ? Text(field.Bytes.Span, place) : key;
            value = field.Number == 2 ? Text(field.Bytes.Span, place) : value;
        }

        // checksum is a SHA-1 that no reader looks at; other keys are for ONNX Runtime alone, which would trust them.
        if (key is not ("location" or "offset" or "length" or "checksum"))
        {
            throw place.Refusal("external_data", $"an entry \"{key}\"", "location, offset, length or checksum");
        }

        if (!entries.TryAdd(key, value))
        {
            throw place.Refusal($"external_data.{key}", "there twice", "there once");
        }
    }

    /// <summary>Opens the file and holds place and length against it.</summary>
    public ExternalPart Open(ExternalFiles files, long bytes, OnnxPlace place)
    {
        if (!entries.TryGetValue("location", out var location))
        {
            throw place.Refusal("external_data.location", "not there", "a file of the model's folder");
        }

        var file = files.Open(location, place);
        var offset = Number("offset", place) ?? 0;
        var length = Number("length", place) ?? bytes;
        if (length != bytes)
        {
            throw place.Refusal("external_data.length", $"{length}", $"{bytes}, as type and dims say");
        }

        if (offset > file.Length - length)
        {
            throw place.Refusal(
                "external_data.offset",
                $"{offset} with {length} bytes after it",
                $"within the {file.Length} bytes of {location}"
            );
        }

        return new ExternalPart(file, offset, checked((int)length));
    }

    private long? Number(string key, OnnxPlace place)
    {
        if (!entries.TryGetValue(key, out var text))
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw place.Refusal(
                $"external_data.{key}",
                $"\"{OnnxPlace.Printable(Encoding.UTF8.GetBytes(text))}\"",
                "a whole number of bytes, 0 or more"
            );
    }

    private static string Text(ReadOnlySpan<byte> text, OnnxPlace place) =>
        text.Length <= OnnxLimits.NameBytes
            ? Encoding.UTF8.GetString(text)
            : throw place.Refusal("external_data", $"a text of {text.Length} bytes", $"of at most {OnnxLimits.NameBytes}");
}

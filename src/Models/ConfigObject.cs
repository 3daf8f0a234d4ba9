using System.Text.Json;
using System.Text.Unicode;

namespace Pipeline.Models;

/// <summary>One object of a model's JSON file. Every error names the file and the field; nothing is put in place of a bad value.</summary>
internal sealed class ConfigObject
{
    /// <summary>A configuration is a few kilobytes; a tokenizer.json of 250,000 tokens is 17 MB.</summary>
    public const long MostBytes = 64L << 20;

    private readonly string path;
    private readonly string prefix;
    private readonly JsonElement element;

    private ConfigObject(string path, string prefix, JsonElement element)
    {
        this.path = path;
        this.prefix = prefix;
        this.element = element;
    }

    /// <summary>The file, for messages.</summary>
    public string Path => path;

    /// <summary>Names of the fields that stand in the file, in its order; null values count as absent.</summary>
    public IEnumerable<string> Names =>
        element.EnumerateObject().Where(item => item.Value.ValueKind != JsonValueKind.Null).Select(item => item.Name);

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="InvalidDataException">The file is missing, longer than <see cref="MostBytes"/> or no JSON object.</exception>
    public static ConfigObject Read(string path)
    {
        try
        {
            var bytes = new FileInfo(path).Length;
            if (bytes > MostBytes)
            {
                throw new InvalidDataException(
                    $"{path} is {bytes} bytes long; it must be at most {MostBytes} bytes. Is it a model's file? Fetch it again."
                );
            }

            var content = File.ReadAllBytes(path);
            using var document = JsonDocument.Parse(content);
            CheckText(path, content, document.RootElement);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new ConfigObject(path, "", document.RootElement.Clone())
                : throw new InvalidDataException($"{path} holds {Kind(document.RootElement)}; it must hold an object. Fetch it again.");
        }
        catch (FileNotFoundException missing)
        {
            throw new InvalidDataException($"{path} is missing; the model's folder must hold it. Fetch the model again.", missing);
        }
        catch (JsonException broken)
        {
            throw new InvalidDataException($"{path} is no JSON ({broken.Message}); it must be an object. Fetch it again.", broken);
        }
    }

    /// <summary>Whether the field stands there and is not null.</summary>
    public bool Has(string name) => TryGet(name, out _);

    /// <summary>The raw value; null when absent or null.</summary>
    public JsonElement? Raw(string name) => TryGet(name, out var value) ? value : null;

    /// <summary>The nested object, or null when the field is absent or null.</summary>
    public ConfigObject? Object(string name) =>
        !TryGet(name, out var value) ? null
        : value.ValueKind == JsonValueKind.Object ? new ConfigObject(path, $"{prefix}{name}.", value)
        : throw Wrong(name, Kind(value), "an object");

    /// <summary>A whole number within both ends.</summary>
    public int Whole(string name, int? absent, int least, int most)
    {
        if (!TryGet(name, out var value))
        {
            return absent ?? throw Missing(name);
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= most
            ? number
            : throw Wrong(name, Kind(value), $"a whole number between {least} and {most}");
    }

    /// <summary>Every field, each a whole number within both ends; in one pass, for tables of many thousands.</summary>
    public Dictionary<string, int> Wholes(int least, int most)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var item in element.EnumerateObject())
        {
            numbers[item.Name] =
                item.Value.ValueKind == JsonValueKind.Number && item.Value.TryGetInt32(out var number) && number >= least && number <= most
                    ? number
                    : throw Wrong(item.Name, Kind(item.Value), $"a whole number between {least} and {most}");
        }

        return numbers;
    }

    /// <summary>A finite number.</summary>
    public double Number(string name, double absent)
    {
        if (!TryGet(name, out var value))
        {
            return absent;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number)
            ? number
            : throw Wrong(name, Kind(value), "a finite number");
    }

    /// <summary>True or false.</summary>
    public bool Flag(string name, bool absent)
    {
        if (!TryGet(name, out var value))
        {
            return absent;
        }

        return value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.ValueKind == JsonValueKind.True
            : throw Wrong(name, Kind(value), "true or false");
    }

    /// <summary>A text; null when absent.</summary>
    public string? Text(string name)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw Wrong(name, Kind(value), "a text");
    }

    /// <summary>Exactly so many finite numbers.</summary>
    public float[] Numbers(string name, int count, float[] absent)
    {
        if (!TryGet(name, out var value))
        {
            return absent;
        }

        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == count)
        {
            var numbers = value
                .EnumerateArray()
                .Select(item => item.ValueKind == JsonValueKind.Number ? (float)item.GetDouble() : float.NaN)
                .ToArray();
            if (Array.TrueForAll(numbers, float.IsFinite))
            {
                return numbers;
            }
        }

        throw Wrong(name, Kind(value), $"a list of {count} finite numbers");
    }

    /// <summary>The error that a field has a value which must not be there.</summary>
    public InvalidDataException Wrong(
        string name,
        string found,
        string wanted,
        string what = "Take the file that was published with the model."
    ) => new($"{path}: {prefix}{name} is {found}; it must be {wanted}. {what}");

    /// <summary>The value in a few words, for messages.</summary>
    public static string Kind(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => $"a list of {value.GetArrayLength()}",
            _ => value.GetRawText() is { Length: > 60 } text ? $"{text[..60]}…" : value.GetRawText(),
        };

    private InvalidDataException Missing(string name) =>
        new($"{path}: {prefix}{name} is missing; the model cannot be built without it. Take the file that was published with the model.");

    /// <summary>Names and texts that are no characters would throw wherever they are first looked at.</summary>
    private static void CheckText(string path, byte[] content, JsonElement root)
    {
        try
        {
            if (Utf8.IsValid(content))
            {
                Walk(root);
                return;
            }
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, written as an escape.
        }

        throw new InvalidDataException($"{path} has a name or a text that is no UTF-8; all of it must be. Fetch it again.");
    }

    private static void Walk(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var item in value.EnumerateObject())
            {
                _ = item.Name;
                Walk(item.Value);
            }
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray())
            {
                Walk(item);
            }
        }
        else if (value.ValueKind == JsonValueKind.String)
        {
            _ = value.GetString();
        }
    }

    private bool TryGet(string name, out JsonElement value) =>
        element.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
}

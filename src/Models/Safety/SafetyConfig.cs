using System.Text.Json;

namespace Pipeline.Models.Safety;

/// <summary>The <c>config.json</c> of a safety checker's folder.</summary>
internal sealed class SafetyConfig
{
    private const string FileName = "config.json";
    private const int MostBytes = 1 << 20;
    private readonly JsonElement root;

    private SafetyConfig(string path, JsonElement root)
    {
        Path = path;
        this.root = root;
    }

    /// <summary>The file, for messages.</summary>
    public string Path { get; }

    /// <summary>Reads the file of a folder.</summary>
    /// <exception cref="InvalidDataException">There is none, or it is no JSON object.</exception>
    public static SafetyConfig Read(string folder)
    {
        var path = File(folder, FileName);
        if (new FileInfo(path).Length > MostBytes)
        {
            throw new InvalidDataException(
                $"{path} is {new FileInfo(path).Length} bytes long; it must be at most {MostBytes}. Is it a model's config?"
            );
        }

        try
        {
            using var document = JsonDocument.Parse(System.IO.File.ReadAllText(path));
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new SafetyConfig(path, document.RootElement.Clone())
                : throw new InvalidDataException(
                    $"{path} is a {document.RootElement.ValueKind}; it must be an object. Fetch the model again."
                );
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path} is not JSON ({error.Message}); it must be. Fetch the model again.", error);
        }
    }

    /// <summary>A file of a folder that must be there.</summary>
    /// <exception cref="InvalidDataException">It is not.</exception>
    public static string File(string folder, string name)
    {
        var path = System.IO.Path.Combine(folder, name);
        return System.IO.File.Exists(path)
            ? path
            : throw new InvalidDataException(
                $"The safety checker {folder} has no {name}; it must have one. Is it the folder of a safety checker?"
            );
    }

    /// <summary>A field as text, items of a list with commas between; empty if there is none.</summary>
    public string Text(string field) =>
        !root.TryGetProperty(field, out var value) ? ""
        : value.ValueKind == JsonValueKind.Array ? string.Join(", ", value.EnumerateArray().Select(item => item.ToString()))
        : value.ToString();

    /// <summary>Refuses any other text of a field.</summary>
    /// <exception cref="InvalidDataException">The field is different or missing.</exception>
    public void MustBe(string field, string wanted)
    {
        if (Text(field) != wanted)
        {
            throw new InvalidDataException(
                $"{Path}: {field} is '{Text(field)}'; it must be '{wanted}'. Take the folder that the program ships."
            );
        }
    }
}

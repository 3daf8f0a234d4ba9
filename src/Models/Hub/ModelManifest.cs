using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Models.Hub;

/// <summary>What is known of a model's folder since it was filled: <c>pipeline-model.json</c> in it.</summary>
public sealed record ModelManifest
{
    /// <summary>Its file's name.</summary>
    public const string FileName = "pipeline-model.json";

    private const int MostBytes = 16 << 20;

    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>The repository, <c>org/name</c>, or the name of what the program ships.</summary>
    public required string Name { get; init; }

    /// <summary>The commit; null for what the program ships.</summary>
    public string? Revision { get; init; }

    /// <summary>The word that the model's card has for its licence; null when it has none.</summary>
    public string? Licence { get; init; }

    /// <summary>Where the licence's text lies.</summary>
    public string? LicenceLink { get; init; }

    /// <summary>The files that were put there, in ordinal order of paths; those for people too.</summary>
    public IReadOnlyList<ModelFile> Files { get; init; } = [];

    /// <summary>The manifest of a folder; null when it has none.</summary>
    /// <exception cref="InvalidDataException">It cannot be read.</exception>
    public static ModelManifest? Find(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            var read =
                new FileInfo(path).Length <= MostBytes ? JsonSerializer.Deserialize<ModelManifest>(File.ReadAllBytes(path), Form) : null;
            return read ?? throw new JsonException("it is empty, or too large");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(
                $"{path} is no manifest of a model ({error.Message}); it must be as it was written when the model was pulled. Remove the folder and pull the model again.",
                error
            );
        }
    }

    /// <summary>Its text: sorted, a line a value, equal for equal contents.</summary>
    public byte[] ToBytes() => [.. JsonSerializer.SerializeToUtf8Bytes(this, Form), (byte)'\n'];
}

using System.Text.Encodings.Web;
using System.Text.Json;

namespace Pipeline.Stages.Train;

/// <summary>JSON files of the train stage, snake_case, there whole or not at all. Equal values give equal bytes.</summary>
internal static class JsonFile
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Reads a file that <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is of another form; the message names it.</exception>
    public static T Read<T>(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), Json) ?? throw new JsonException("it is null");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(
                $"{path} is not what the train stage writes ({error.Message}); it must be a {typeof(T).Name}. Delete it and continue the run.",
                error
            );
        }
    }

    /// <summary>Writes a file; its folder is made.</summary>
    public static void Write<T>(string path, T value) => WholeFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(value, Json));
}

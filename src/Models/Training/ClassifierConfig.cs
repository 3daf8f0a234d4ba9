using System.Text.Json;
using System.Text.Json.Serialization;
using Pipeline.Models.Images;

namespace Pipeline.Models.Training;

/// <summary>What must be known of a trained classifier besides its weights: the <c>config.json</c> beside <c>model.safetensors</c>.</summary>
/// <param name="Architecture"><c>resnet18</c> or <c>resnet50</c>.</param>
/// <param name="ClassNames">In the order of the outputs.</param>
/// <param name="ImageSize">Pixels of the square input's sides.</param>
/// <param name="Normalise">Whether ImageNet's mean and deviation are taken off.</param>
/// <param name="Training">The name of the training that made the weights.</param>
public sealed record ClassifierConfig(string Architecture, IReadOnlyList<string> ClassNames, int ImageSize, bool Normalise, string Training)
{
    /// <summary>How pictures were brought to that size, and must be again; in a file without it <see cref="ResizeQuality.Scaled"/>.</summary>
    public ResizeQuality Resize { get; init; } = ResizeQuality.Scaled;

    /// <summary>The name of the file.</summary>
    public const string FileName = "config.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Reads the file of a folder.</summary>
    /// <exception cref="InvalidDataException">It is not what <see cref="Write"/> writes; the message names it.</exception>
    public static ClassifierConfig Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            var config =
                JsonSerializer.Deserialize<ClassifierConfig>(File.ReadAllText(path), Json) ?? throw new JsonException("it is null");
            return config.ImageSize is >= 32 and <= 1024
                ? config
                : throw new JsonException($"imageSize is {config.ImageSize}; it must be between 32 and 1024 pixels");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(
                $"{path} is not a classifier's configuration ({error.Message}); it must have architecture, classNames, imageSize, normalise and training. "
                    + "Take the folder of a finished training.",
                error
            );
        }
    }

    /// <summary>Writes the file into a folder, whole or not at all; equal values give equal bytes.</summary>
    public void Write(string folder) =>
        Weights.AtomicFile.Write(Path.Combine(folder, FileName), stream => JsonSerializer.Serialize(stream, this, Json));
}

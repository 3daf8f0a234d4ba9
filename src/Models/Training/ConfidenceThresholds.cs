using System.Text.Json;

namespace Pipeline.Models.Training;

/// <summary>The thresholds of the confidence filter: the <c>thresholds.json</c> beside a base classifier's weights.</summary>
/// <param name="ClassNames">In the order of the labels.</param>
/// <param name="Counts">Training images of each class.</param>
/// <param name="Thresholds">From <see cref="ConfidenceFilter.Thresholds"/>.</param>
public sealed record ConfidenceThresholds(IReadOnlyList<string> ClassNames, IReadOnlyList<int> Counts, IReadOnlyList<double> Thresholds)
{
    /// <summary>The name of the file.</summary>
    public const string FileName = "thresholds.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Reads the file of a folder.</summary>
    /// <exception cref="InvalidDataException">It is not what <see cref="Write"/> writes; the message names it.</exception>
    public static ConfidenceThresholds Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            return JsonSerializer.Deserialize<ConfidenceThresholds>(File.ReadAllText(path), Json) ?? throw new JsonException("it is null");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(
                $"{path} is not a base classifier's thresholds ({error.Message}); it must have classNames, counts and thresholds. "
                    + "Train the base classifier again.",
                error
            );
        }
    }

    /// <summary>Writes the file into a folder, whole or not at all; equal values give equal bytes.</summary>
    public void Write(string folder) =>
        Weights.AtomicFile.Write(Path.Combine(folder, FileName), stream => JsonSerializer.Serialize(stream, this, Json));
}

using System.Text.Json;
using Pipeline.Models.Weights;

namespace Pipeline.Models.Hub;

/// <summary>The use-restricted licences that people accepted on this machine: <c>accepted.json</c> in a folder of models.</summary>
public static class AcceptedLicences
{
    private const string FileName = "accepted.json";

    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>When the licence of a model was accepted, <c>yyyy-MM-dd</c>; null when it was not, or it has another licence now.</summary>
    public static string? Find(ModelPlaces places, ModelFolder folder) =>
        places.Own.SelectMany(Read).FirstOrDefault(accepted => accepted.Model == KeyOf(folder) && accepted.Licence == folder.Licence)?.Date;

    /// <summary>Notes that a licence is accepted.</summary>
    /// <param name="places">Into the first of their own folders.</param>
    /// <param name="folder">The model.</param>
    /// <param name="clock">Dates it.</param>
    public static void Add(ModelPlaces places, ModelFolder folder, TimeProvider clock)
    {
        var root = places.Own.First();
        Directory.CreateDirectory(root);
        var date = clock.GetUtcNow().ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        var all = Read(root)
            .Where(accepted => accepted.Model != KeyOf(folder))
            .Append(new Accepted(KeyOf(folder), folder.Licence ?? "", date))
            .OrderBy(accepted => accepted.Model, StringComparer.Ordinal);
        AtomicFile.Write(Path.Combine(root, FileName), stream => JsonSerializer.Serialize(stream, all.ToList(), Form));
    }

    /// <summary>A repository whatever its revision; a folder by its path.</summary>
    private static string KeyOf(ModelFolder folder) => folder.Name.Source == ModelSource.Folder ? $"path:{folder.Path}" : folder.Name.Id;

    private static IReadOnlyList<Accepted> Read(string root)
    {
        var path = Path.Combine(root, FileName);
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<List<Accepted>>(File.ReadAllBytes(path), Form) ?? [] : [];
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(
                $"{path} is no list of accepted licences ({error.Message}); it must be as it was written. Remove it and accept them again.",
                error
            );
        }
    }

    private sealed record Accepted(string Model, string Licence, string Date);
}

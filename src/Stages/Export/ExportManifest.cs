using System.Text.Json;
using Pipeline.Shards.Stores;

namespace Pipeline.Stages.Export;

/// <summary>
/// Which files of the data set are finished, so that it can be read while the export goes on. Lies in <c>augmented/manifest.json</c>, is replaced in one
/// step after each file, and names no file that is not there whole.
/// </summary>
/// <param name="Complete">Whether no more files will come, and card and Croissant description are written.</param>
/// <param name="Files">The finished files, in the order in which they were written.</param>
public sealed record ExportManifest(bool Complete, IReadOnlyList<ExportedFile> Files)
{
    /// <summary>Where it lies.</summary>
    public const string Uri = "augmented/manifest.json";

    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Version of the file's form.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Reads it; null where there is none.</summary>
    /// <exception cref="InvalidDataException">The file is there and cannot be read.</exception>
    public static async Task<ExportManifest?> ReadAsync(IShardStore store, CancellationToken stop = default)
    {
        if (!await store.ExistsAsync(Uri, stop))
            return null;
        try
        {
            return JsonSerializer.Deserialize<ExportManifest>(await store.ReadAllAsync(Uri, stop), Indented)
                ?? throw new JsonException("It is null.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(
                $"{Uri} is not readable ({error.Message}); it must be as an export wrote it. Delete it and give the run's command again.",
                error
            );
        }
    }

    /// <summary>Writes it, whole or not at all.</summary>
    public Task WriteAsync(IShardStore store, CancellationToken stop) =>
        store.WriteAsync(Uri, JsonSerializer.SerializeToUtf8Bytes(this, Indented), stop);
}

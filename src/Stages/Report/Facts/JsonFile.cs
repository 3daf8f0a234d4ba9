using System.Text.Json;
using Pipeline.Shards.Stores;

namespace Pipeline.Stages.Report.Facts;

/// <summary>Files that other stages leave as JSON, names in snake_case unless said otherwise.</summary>
internal static class JsonFile
{
    private static readonly JsonSerializerOptions SnakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Reads a file; null when it is not there.</summary>
    /// <param name="store">Where it lies.</param>
    /// <param name="uri">The file.</param>
    /// <param name="stop">Ends the reading.</param>
    /// <param name="form">Another form of names; null for snake_case.</param>
    /// <exception cref="InvalidDataException">It is of another form.</exception>
    public static async Task<T?> ReadAsync<T>(IShardStore store, string uri, CancellationToken stop, JsonSerializerOptions? form = null)
        where T : class
    {
        if (!await store.ExistsAsync(uri, stop))
            return null;
        try
        {
            return JsonSerializer.Deserialize<T>(await store.ReadAllAsync(uri, stop), form ?? SnakeCase);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(
                $"{uri} is not readable ({error.Message}); it must be as the run wrote it. Delete it and give the run's command again.",
                error
            );
        }
    }
}

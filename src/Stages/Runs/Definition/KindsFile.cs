using System.Text.Json;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Plugins;

namespace Pipeline.Stages.Runs.Definition;

/// <summary>The manifests of a run's kinds that are no part of the program, in <c>kinds.json</c> beside <c>pipeline.yaml</c>, so that its pipeline can be read without the plugins.</summary>
public static class KindsFile
{
    /// <summary>Name of the file within the run's directory. Without it all kinds are the program's own.</summary>
    public const string Name = "kinds.json";

    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Manifests of the pipeline's kinds that come from plugins or are foreign, each once, in ordinal order of names.</summary>
    public static IReadOnlyList<StageManifest> Of(PipelineDefinition pipeline) =>
        [
            .. pipeline
                .Stages.Select(stage => stage.Kind)
                .Where(kind => kind is IPluginKind or ForeignKind)
                .DistinctBy(kind => kind.Name)
                .OrderBy(kind => kind.Name, StringComparer.Ordinal)
                .Select(StageManifest.Of),
        ];

    /// <summary>Writes the file where the pipeline has such kinds, and removes it where it has none. To be written before <c>pipeline.yaml</c>, which needs it.</summary>
    public static async Task WriteAsync(IShardStore store, PipelineDefinition pipeline, CancellationToken stop)
    {
        if (Of(pipeline) is { Count: > 0 } manifests)
        {
            await store.WriteAsync(Name, JsonSerializer.SerializeToUtf8Bytes(manifests, Indented), stop);
        }
        else if (await store.ExistsAsync(Name, stop))
        {
            await store.DeleteAsync(Name, stop);
        }
    }

    /// <summary>The catalog for reading a run's <c>pipeline.yaml</c>: <paramref name="catalog"/> and what it lacks of the run's kinds.</summary>
    /// <param name="directory">The run's directory.</param>
    /// <param name="catalog">The kinds that this process has.</param>
    /// <exception cref="InvalidDataException">The file is there and cannot be read.</exception>
    public static StageCatalog Read(string directory, StageCatalog catalog)
    {
        var path = Path.Combine(directory, Name);
        try
        {
            return File.Exists(path)
                ? catalog.With(JsonSerializer.Deserialize<StageManifest[]>(File.ReadAllBytes(path), Indented) ?? [])
                : catalog;
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(
                $"{path} is not readable ({error.Message.TrimEnd('.')}); it must be the list of a run's kinds. Give the same run command again, which writes it anew.",
                error
            );
        }
    }
}

using System.Text.Json;
using Pipeline.Messages;
using Pipeline.Shards.Stores;

namespace Pipeline.Stages.Runs;

/// <summary>Which artifacts of a run are ready, in <c>artifacts/{name}.json</c>: what a process that joins late looks up.</summary>
public static class ArtifactFile
{
    private const string Folder = "artifacts/";

    /// <summary>Notes that an artifact is ready.</summary>
    public static Task WriteAsync(IShardStore store, ArtifactReady artifact, CancellationToken stop) =>
        store.WriteAsync($"{Folder}{artifact.Name}.json", JsonSerializer.SerializeToUtf8Bytes(artifact, Wire.Options), stop);

    /// <summary>Every artifact that is ready.</summary>
    public static async Task<IReadOnlyList<ArtifactReady>> ReadAllAsync(IShardStore store, CancellationToken stop)
    {
        var found = new List<ArtifactReady>();
        foreach (var uri in await store.ListAsync(Folder, stop))
        {
            found.Add(Wire.Read<ArtifactReady>(await store.ReadAllAsync(uri, stop)));
        }

        return found;
    }

    /// <summary>Forgets them: before a run is submitted, because its options may have changed.</summary>
    public static async Task ClearAsync(IShardStore store, CancellationToken stop)
    {
        foreach (var uri in await store.ListAsync(Folder, stop))
        {
            await store.DeleteAsync(uri, stop);
        }
    }
}

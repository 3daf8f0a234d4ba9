using System.Text.Json;
using Pipeline.Shards.Stores;

namespace Pipeline.Stages.Ingest;

/// <summary>What came while a run was followed, wave by wave: a later walk cuts the same batches, so that nothing is done again.</summary>
internal sealed class Arrivals
{
    private readonly IShardStore store;
    private readonly string uri;
    private readonly List<string[]> waves;

    private Arrivals(IShardStore store, string uri, List<string[]> waves) => (this.store, this.uri, this.waves) = (store, uri, waves);

    /// <summary>The images' uris, in the order of the waves and, of one, of the listing.</summary>
    public IReadOnlyList<string[]> Waves => waves;

    /// <summary>Those of the runs before; none if no run was followed.</summary>
    public static async Task<Arrivals> ReadAsync(IShardStore store, string uri, CancellationToken stop) =>
        new(
            store,
            uri,
            await store.ExistsAsync(uri, stop) ? JsonSerializer.Deserialize<List<string[]>>(await store.ReadAllAsync(uri, stop)) ?? [] : []
        );

    /// <summary>Notes a wave, before its batches are published.</summary>
    public async Task AddAsync(string[] wave, CancellationToken stop)
    {
        waves.Add(wave);
        await store.WriteAsync(uri, JsonSerializer.SerializeToUtf8Bytes(waves), stop);
    }
}

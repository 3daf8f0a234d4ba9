using System.Globalization;
using System.Text.Json;
using Pipeline.Shards;
using Pipeline.Shards.Records;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Flow;

namespace Pipeline.Stages.Runs;

/// <summary>The shards, quarantine rows and failure records of a run, as they lie in its store.</summary>
/// <param name="store">Where they lie.</param>
/// <param name="run">The run's id.</param>
public sealed class RunShards(IShardStore store, string run)
{
    /// <summary>Indices of the batches of which a stage wrote a shard, ascending.</summary>
    public async Task<IReadOnlyList<int>> BatchesAsync(string stage, CancellationToken stop) =>
        [
            .. (await store.ListAsync($"runs/{run}/{stage}/", stop))
                .Select(uri => uri[(uri.LastIndexOf('/') + 1)..])
                .Where(name => name.Length == 16 && name.EndsWith(".parquet", StringComparison.Ordinal))
                .Select(name => int.Parse(name.AsSpan(0, 8), NumberStyles.None, CultureInfo.InvariantCulture))
                .Order(),
        ];

    /// <summary>Whether a stage wrote a shard of a batch.</summary>
    public async Task<bool> HasAsync(string stage, int batch, CancellationToken stop) =>
        await store.ExistsAsync(ShardNames.Uri(run, stage, batch), stop);

    /// <summary>Reads a shard's rows, only the columns of <typeparamref name="T"/>.</summary>
    /// <typeparam name="T">A record.</typeparam>
    public Task<IReadOnlyList<T>> ReadAsync<T>(string stage, int batch, CancellationToken stop)
        where T : notnull => ShardRows.ReadAsync<T>(store, ShardNames.Uri(run, stage, batch), stop);

    /// <summary>Reads all the shards of a stage, batch by batch.</summary>
    /// <typeparam name="T">A record.</typeparam>
    public async IAsyncEnumerable<(int Batch, IReadOnlyList<T> Rows)> ReadAllAsync<T>(
        string stage,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stop
    )
        where T : notnull
    {
        foreach (var batch in await BatchesAsync(stage, stop))
        {
            yield return (batch, await ReadAsync<T>(stage, batch, stop));
        }
    }

    /// <summary>Rows of a stage's shard; 0 if it wrote none.</summary>
    public async Task<long> RowsAsync(string stage, int batch, CancellationToken stop) =>
        (await ShardFile.ReadFooterAsync(store, ShardNames.Uri(run, stage, batch), stop))?.Rows ?? 0;

    /// <summary>Rows of all the shards of a stage.</summary>
    public async Task<long> RowsAsync(string stage, CancellationToken stop)
    {
        var rows = 0L;
        foreach (var batch in await BatchesAsync(stage, stop))
        {
            rows += await RowsAsync(stage, batch, stop);
        }

        return rows;
    }

    /// <summary>Rows that a stage was given, in the batches of which it wrote a shard.</summary>
    public async Task<long> RowsInAsync(string stage, CancellationToken stop)
    {
        var rows = 0L;
        foreach (var batch in await BatchesAsync(stage, stop))
        {
            var footer = await ShardFile.ReadFooterAsync(store, ShardNames.Uri(run, stage, batch), stop);
            rows += long.Parse(footer?.Extra["rows_in"] ?? "0", CultureInfo.InvariantCulture);
        }

        return rows;
    }

    /// <summary>Every quarantine row of a stage.</summary>
    public async Task<IReadOnlyList<QuarantineRow>> QuarantineAsync(string stage, CancellationToken stop)
    {
        var rows = new List<QuarantineRow>();
        foreach (var uri in await store.ListAsync($"quarantine/{stage}/", stop))
        {
            rows.AddRange(
                JsonSerializer.Deserialize<QuarantineRow[]>(await store.ReadAllAsync(uri, stop), JsonSerializerOptions.Web) ?? []
            );
        }

        return rows;
    }

    /// <summary>Indices of the batches that failed in a stage, ascending.</summary>
    public async Task<IReadOnlyList<int>> FailedAsync(string stage, CancellationToken stop) =>
        [
            .. (await store.ListAsync($"runs/{run}/{stage}/", stop))
                .Select(uri => uri[(uri.LastIndexOf('/') + 1)..])
                .Where(name => name.EndsWith(".failed.json", StringComparison.Ordinal))
                .Select(name => int.Parse(name.AsSpan(0, 8), NumberStyles.None, CultureInfo.InvariantCulture))
                .Order(),
        ];
}

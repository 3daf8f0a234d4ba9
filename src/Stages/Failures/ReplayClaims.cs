using System.Globalization;
using System.Text.Json;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Flow;

namespace Pipeline.Stages.Failures;

/// <summary>The claims on failed batches of one run, as they lie in its store.</summary>
/// <param name="store">The store at the run's output directory.</param>
public sealed class ReplayClaims(IShardStore store)
{
    /// <summary>The folder in which everything about replays lies.</summary>
    public const string Folder = "replays/";

    /// <summary>Claims the last attempt of a failed batch.</summary>
    /// <returns>False when it is claimed already.</returns>
    public Task<bool> TryClaimAsync(FailureRecord failed, string replay, bool drop, IReadOnlyList<string> sets, CancellationToken stop)
    {
        var claim = new ReplayClaim(failed.Stage, failed.Batch, failed.Attempts, replay, drop, sets);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(claim, JsonSerializerOptions.Web);
        return store.TryWriteAsync(Uri(failed.Stage, failed.Batch, failed.Attempts), bytes, stop);
    }

    /// <summary>The claim on an attempt; null when there is none.</summary>
    public async Task<ReplayClaim?> FindAsync(string stage, int batch, int attempt, CancellationToken stop)
    {
        var uri = Uri(stage, batch, attempt);
        return await store.ExistsAsync(uri, stop)
            ? JsonSerializer.Deserialize<ReplayClaim>(await store.ReadAllAsync(uri, stop), JsonSerializerOptions.Web)
            : null;
    }

    /// <summary>The settings with which a batch is done since it was replayed; empty for the pipeline's own.</summary>
    public async Task<IReadOnlyList<string>> SetsAsync(string stage, int batch, CancellationToken stop)
    {
        IReadOnlyList<string> sets = [];
        for (var attempt = 1; await FindAsync(stage, batch, attempt, stop) is { } claim; attempt++)
        {
            sets = claim.Dropped ? sets : claim.Sets;
        }

        return sets;
    }

    /// <summary>Every claim of the run, in the order of stages, batches and attempts.</summary>
    public async Task<IReadOnlyList<ReplayClaim>> ReadAllAsync(CancellationToken stop)
    {
        var claims = new List<ReplayClaim>();
        foreach (var uri in (await store.ListAsync(Folder, stop)).Where(uri => uri.Count(letter => letter == '/') == 2))
        {
            if (JsonSerializer.Deserialize<ReplayClaim>(await store.ReadAllAsync(uri, stop), JsonSerializerOptions.Web) is { } claim)
            {
                claims.Add(claim);
            }
        }

        return claims;
    }

    private static string Uri(string stage, int batch, int attempt) =>
        string.Create(CultureInfo.InvariantCulture, $"{Folder}{stage}/{batch:D8}.{attempt}.json");
}

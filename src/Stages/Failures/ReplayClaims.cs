using System.Globalization;
using System.Text.Json;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Flow;

namespace Pipeline.Stages.Failures;

/// <summary>The claims on failed batches of one run, as they lie in its store: <c>replays/{stage}/{batch:D8}.{attempt}.json</c>, a name that only the first gets.</summary>
/// <remarks>Claims are never deleted: they are the record of what was done, and the settings of the last one are those of the batch from then on.</remarks>
/// <param name="store">The store at the run's output directory.</param>
public sealed class ReplayClaims(IShardStore store)
{
    /// <summary>The folder in which everything about replays lies.</summary>
    public const string Folder = "replays/";

    /// <summary>Writes what claims of one command say; gives the file of which they become names.</summary>
    /// <param name="claim">What they say.</param>
    /// <param name="part">A file takes no more than <see cref="IShardStore.MostNames"/> names: the next one is another part.</param>
    /// <param name="stop">Ends the call early.</param>
    public async Task<string> WriteAsync(ReplayClaim claim, int part, CancellationToken stop)
    {
        var uri = string.Create(CultureInfo.InvariantCulture, $"{Folder}{claim.Replay}.{part}.claim");
        await store.WriteAsync(uri, JsonSerializer.SerializeToUtf8Bytes(claim, JsonSerializerOptions.Web), stop);
        return uri;
    }

    /// <summary>Claims the last attempt of a failed batch.</summary>
    /// <param name="failed">The batch.</param>
    /// <param name="claim">From <see cref="WriteAsync"/>.</param>
    /// <param name="stop">Ends the call early.</param>
    /// <returns>False when it is claimed already.</returns>
    public Task<bool> TryClaimAsync(FailureRecord failed, string claim, CancellationToken stop) =>
        store.TryNameAsync(claim, Uri(failed.Stage, failed.Batch, failed.Attempts), stop);

    /// <summary>The claim on an attempt; null when there is none.</summary>
    public async Task<ReplayClaim?> FindAsync(string stage, int batch, int attempt, CancellationToken stop)
    {
        var uri = Uri(stage, batch, attempt);
        return await store.ExistsAsync(uri, stop) ? await ReadAsync(uri, stop) : null;
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
    public async Task<IReadOnlyList<ClaimedAttempt>> ReadAllAsync(CancellationToken stop)
    {
        var claims = new List<ClaimedAttempt>();
        foreach (var uri in await store.ListAsync(Folder, stop))
        {
            if (uri.Split('/') is [_, var stage, var name] && name.Split('.') is [var batch, var attempt, _])
            {
                claims.Add(new ClaimedAttempt(stage, Number(batch), Number(attempt), await ReadAsync(uri, stop)));
            }
        }

        return claims;
    }

    private async Task<ReplayClaim> ReadAsync(string uri, CancellationToken stop) =>
        JsonSerializer.Deserialize<ReplayClaim>(await store.ReadAllAsync(uri, stop), JsonSerializerOptions.Web)
        ?? throw new InvalidDataException(
            $"{uri} is no claim; it must be as a replay wrote it. Delete it, and the batch can be claimed again."
        );

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private static string Uri(string stage, int batch, int attempt) =>
        string.Create(CultureInfo.InvariantCulture, $"{Folder}{stage}/{batch:D8}.{attempt}.json");
}

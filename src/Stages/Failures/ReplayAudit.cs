using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Pipeline.Shards.Stores;

namespace Pipeline.Stages.Failures;

/// <summary>Who asked for failed batches to be tried again or given up, when and with what. Lies in <c>replays/{id}.json</c>, written before the first claim.</summary>
/// <param name="Id">Its id, which its claims name; begins with the time, so that ids are in the order of time.</param>
/// <param name="By">User and machine.</param>
/// <param name="At">When it was asked for.</param>
/// <param name="Asked">What was asked for, as it was written.</param>
/// <param name="Batches">How many batches that meant.</param>
/// <param name="Dropped">True when they were given up.</param>
/// <param name="Sets">Settings that differ from the pipeline's.</param>
public sealed record ReplayAudit(
    string Id,
    string By,
    DateTimeOffset At,
    string Asked,
    int Batches,
    bool Dropped,
    IReadOnlyList<string> Sets
)
{
    /// <summary>One that is asked for now, by this user on this machine.</summary>
    public static ReplayAudit Now(TimeProvider clock, string asked, int batches, bool dropped, IReadOnlyList<string> sets)
    {
        var now = clock.GetUtcNow();
        return new ReplayAudit(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{now:yyyyMMdd'T'HHmmssfffffff}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}"
            ),
            $"{Environment.UserName}@{Environment.MachineName}",
            now,
            asked,
            batches,
            dropped,
            sets
        );
    }

    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Writes it.</summary>
    public Task WriteAsync(IShardStore store, CancellationToken stop) =>
        store.WriteAsync($"{ReplayClaims.Folder}{Id}.json", JsonSerializer.SerializeToUtf8Bytes(this, Form), stop);

    /// <summary>Reads all of a run, the oldest first.</summary>
    public static async Task<IReadOnlyList<ReplayAudit>> ReadAllAsync(IShardStore store, CancellationToken stop)
    {
        var audits = new List<ReplayAudit>();
        foreach (
            var uri in (await store.ListAsync(ReplayClaims.Folder, stop)).Where(uri =>
                uri.Count(letter => letter == '/') == 1 && uri.EndsWith(".json", StringComparison.Ordinal)
            )
        )
        {
            if (JsonSerializer.Deserialize<ReplayAudit>(await store.ReadAllAsync(uri, stop), Form) is { } audit)
            {
                audits.Add(audit);
            }
        }

        return audits;
    }
}

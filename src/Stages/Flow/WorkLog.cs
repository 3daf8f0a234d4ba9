using System.Text.Json;
using System.Text.Json.Serialization;
using Pipeline.Shards.Stores;

namespace Pipeline.Stages.Flow;

/// <summary>How long one part of a stage's work took: a batch, an epoch, or the whole. A measurement, so no two runs write the same.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Batch">Index of the batch, the epoch from 1, or 0.</param>
/// <param name="Version">The topology version.</param>
/// <param name="Rows">Rows that came of it; of an epoch 0.</param>
/// <param name="Bytes">Size of what was written; 0 where nobody counts it.</param>
/// <param name="Seconds">Wall time.</param>
/// <param name="At">When it was done.</param>
public sealed record WorkLog(string Stage, int Batch, int Version, long Rows, long Bytes, double Seconds, DateTimeOffset At)
{
    /// <summary>SHA-256 of the version of the plugin that did it; null for a stage of the program.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Plugin { get; init; }

    /// <summary>How the names of these files end; nothing that must repeat may end so.</summary>
    public const string Ending = ".log.json";

    /// <summary>The log of what began at <paramref name="started"/>, a timestamp of <paramref name="clock"/>, and is done now.</summary>
    public static WorkLog Of(string stage, int batch, int version, long rows, long bytes, long started, TimeProvider clock) =>
        new(stage, batch, version, rows, bytes, Math.Round(clock.GetElapsedTime(started).TotalSeconds, 4), clock.GetUtcNow());

    /// <summary>Reads one; null when the file is not what <see cref="WriteAsync"/> writes.</summary>
    public static async Task<WorkLog?> ReadAsync(IShardStore store, string uri, CancellationToken stop)
    {
        try
        {
            return JsonSerializer.Deserialize<WorkLog>(await store.ReadAllAsync(uri, stop), JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Reads one that may not be there; null then, and when it is not readable.</summary>
    public static async Task<WorkLog?> FindAsync(IShardStore store, string uri, CancellationToken stop) =>
        await store.ExistsAsync(uri, stop) ? await ReadAsync(store, uri, stop) : null;

    /// <summary>Writes it; <paramref name="uri"/> ends with <see cref="Ending"/>.</summary>
    public Task WriteAsync(IShardStore store, string uri, CancellationToken stop) =>
        store.WriteAsync(uri, JsonSerializer.SerializeToUtf8Bytes(this, JsonSerializerOptions.Web), stop);
}

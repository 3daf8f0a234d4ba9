using System.Globalization;
using System.Text.Json;
using Pipeline.Messages;
using Pipeline.Stages.Flow;

namespace Pipeline.Stages.Runs;

/// <summary>Records that a stage could not do its work, and tells of it.</summary>
internal static class StageFailure
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static async Task TellAsync(
        StageSite site,
        int batch,
        IReadOnlyList<ShardReference> shards,
        Exception error,
        CancellationToken stop
    )
    {
        var name = site.Definition.Name;
        var record = new FailureRecord(name, batch, error.GetType().Name, error.Message, error.StackTrace, -1, "");
        var uri = string.Create(CultureInfo.InvariantCulture, $"runs/{site.Run.Run}/{name}/{batch:D8}.failed.json");
        await site.Run.Store.WriteAsync(uri, JsonSerializer.SerializeToUtf8Bytes(record, Indented), stop);
        site.Meter.Broke();
        await site.PublishEventAsync(
            new BatchFailed
            {
                Run = site.Run.Run,
                Version = 1,
                Stage = name,
                Batch = batch,
                Shards = shards,
                Error = record.Error,
                Message = record.Message,
            },
            name,
            stop
        );
    }
}

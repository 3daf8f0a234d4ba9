using Pipeline.Messages;
using Pipeline.Stages.Flow;

namespace Pipeline.Stages.Runs;

/// <summary>Records that a stage could not do its work, and tells of it.</summary>
internal static class StageFailure
{
    public static async Task TellAsync(
        StageSite site,
        int batch,
        IReadOnlyList<ShardReference> shards,
        Exception error,
        CancellationToken stop
    )
    {
        var name = site.Definition.Name;
        var now = site.Run.Clock.GetUtcNow();
        var record = new FailureRecord(name, batch, error.GetType().Name, error.Message, error.StackTrace, -1, "")
        {
            First = now,
            Last = now,
            Host = Environment.MachineName,
            Options = site.OptionTexts(),
        };
        record = await record.WriteAsync(site.Run.Store, site.Run.Run, stop);
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

using System.Globalization;
using System.Text.Json;
using Pipeline.Messages;
using Pipeline.Sdk;
using Pipeline.Shards;
using Pipeline.Shards.Records;

namespace Pipeline.Stages.Flow;

/// <summary>Writes the outcome of a batch and tells of it: shard or failure record first, then the message, then the acknowledgement.</summary>
internal sealed class BatchOutcomes<TIn, TItem, TOut>(FlowContext context)
    where TIn : class, ISampleRow
    where TOut : class
{
    private const string RowsInKey = "rows_in";
    private const string QuarantinedKey = "quarantined";
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>What the footer of a valid shard of this batch says.</summary>
    public ShardFooter Expected(BatchReady message, int callSize) =>
        new()
        {
            Stage = context.Stage,
            Batch = message.Batch,
            Fingerprint = context.Fingerprint,
            CallSize = callSize,
            Parents = [.. RowReader<TIn>.Parents(message.Shards).Select(shard => new ShardParent(shard.Stage, shard.Content))],
            Seed = context.Seed,
        };

    /// <summary>If a valid shard is there already, tells of it again and acknowledges; else gives false.</summary>
    public async Task<bool> ReuseAsync(BatchWork<TIn, TItem, TOut> work, CancellationToken stop)
    {
        var uri = Uri(work.Message.Batch);
        ShardFooter? footer;
        try
        {
            footer = await ShardFile.ReadFooterAsync(context.Store, uri, stop);
        }
        catch (ShardDamagedException)
        {
            return false; // a shard that is not whole is not done
        }

        if (footer is null || work.Expected is null || !footer.Matches(work.Expected))
        {
            return false;
        }

        var quarantined = int.Parse(footer.Extra.GetValueOrDefault(QuarantinedKey, "0"), CultureInfo.InvariantCulture);
        var rowsIn = int.Parse(footer.Extra.GetValueOrDefault(RowsInKey, "0"), CultureInfo.InvariantCulture);
        context.Meter.Finished((int)footer.Rows, quarantined, wasThere: true);
        await TellAsync(
            work,
            new ShardReference(context.Stage, uri, footer.Content, (int)footer.Rows),
            rowsIn,
            quarantined,
            reused: true,
            stop
        );
        return true;
    }

    /// <summary>Writes the shard, or the failure record, then tells of it and settles the delivery.</summary>
    public async Task FinishAsync(BatchWork<TIn, TItem, TOut> work, CancellationToken stop)
    {
        if (work.Error is { } error)
        {
            await FailAsync(work, error, stop);
            return;
        }

        var batch = work.Message.Batch;
        var quarantine = work.Quarantine();
        var quarantineUri = string.Create(CultureInfo.InvariantCulture, $"quarantine/{context.Stage}/{batch:D8}.json");
        if (quarantine.Count > 0)
        {
            await WriteAsync(quarantineUri, JsonSerializer.SerializeToUtf8Bytes(quarantine, Indented), stop);
        }
        else
        {
            await context.Store.DeleteAsync(quarantineUri, stop);
        }

        var footer = (
            work.Expected ?? throw new InvalidOperationException("The batch has no footer; it must have one before it is written.")
        ) with
        {
            Extra = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                [RowsInKey] = work.RowsIn.ToString(CultureInfo.InvariantCulture),
                [QuarantinedKey] = quarantine.Count.ToString(CultureInfo.InvariantCulture),
            },
        };
        var table = ShardRows.ToTable(work.Results());
        var stamp = await RoomInStore.WaitAsync(
            () => ShardFile.WriteAsync(context.Store, Uri(batch), table, footer, stop: stop),
            context.Notice,
            context.Clock,
            stop
        );
        await context.Store.DeleteAsync(Failed(batch), stop);
        await WriteLogAsync(work, stamp, stop);
        context.Meter.Finished((int)stamp.Rows, quarantine.Count, wasThere: false);
        await TellAsync(
            work,
            new ShardReference(context.Stage, stamp.Uri, stamp.Content, (int)stamp.Rows),
            work.RowsIn,
            quarantine.Count,
            reused: false,
            stop
        );
    }

    private async Task TellAsync(
        BatchWork<TIn, TItem, TOut> work,
        ShardReference shard,
        int rowsIn,
        int quarantined,
        bool reused,
        CancellationToken stop
    )
    {
        var message = work.Message with
        {
            Stage = context.Stage,
            Version = Math.Max(context.Version, work.Message.Version),
            Shards = [.. work.Message.Shards, shard],
            RowsIn = rowsIn,
            Quarantined = quarantined,
            Reused = reused,
        };
        context.At($"{context.Stage}:publish.before");
        await context.PublishAsync(message, stop);
        context.At($"{context.Stage}:publish.after");
        context.At($"{context.Stage}:acknowledge.before");
        await work.Delivery.AcknowledgeAsync();
        context.At($"{context.Stage}:acknowledge.after");
    }

    private async Task FailAsync(BatchWork<TIn, TItem, TOut> work, Exception error, CancellationToken stop)
    {
        var batch = work.Message.Batch;
        var record = new FailureRecord(
            context.Stage,
            batch,
            error.GetType().Name,
            error.Message,
            error.StackTrace,
            work.RowsIn,
            context.Fingerprint
        );
        await WriteAsync(Failed(batch), JsonSerializer.SerializeToUtf8Bytes(record, Indented), stop);
        await context.Store.DeleteAsync(Uri(batch), stop);
        context.Meter.Broke();
        var message = new BatchFailed
        {
            Run = context.Run,
            Version = Math.Max(context.Version, work.Message.Version),
            Stage = context.Stage,
            Batch = batch,
            Shards = work.Message.Shards,
            Error = record.Error,
            Message = record.Message,
        };
        await context.PublishEventAsync(message, context.Stage, stop);
        await work.Delivery.FailAsync($"{record.Error}: {record.Message}");
    }

    private async Task WriteLogAsync(BatchWork<TIn, TItem, TOut> work, ShardStamp stamp, CancellationToken stop)
    {
        var log = new
        {
            stage = context.Stage,
            batch = work.Message.Batch,
            version = Math.Max(context.Version, work.Message.Version),
            rows = stamp.Rows,
            bytes = stamp.Bytes,
            seconds = Math.Round(context.Clock.GetElapsedTime(work.Started).TotalSeconds, 4),
            at = context.Clock.GetUtcNow(),
        };
        await WriteAsync(Name(work.Message.Batch, "log.json"), JsonSerializer.SerializeToUtf8Bytes(log), stop);
    }

    private Task<bool> WriteAsync(string uri, byte[] bytes, CancellationToken stop) =>
        RoomInStore.WaitAsync(
            async () =>
            {
                await context.Store.WriteAsync(uri, bytes, stop);
                return true;
            },
            context.Notice,
            context.Clock,
            stop
        );

    private string Uri(int batch) => ShardNames.Uri(context.Run, context.Stage, batch);

    private string Failed(int batch) => Name(batch, "failed.json");

    private string Name(int batch, string ending) =>
        string.Create(CultureInfo.InvariantCulture, $"runs/{context.Run}/{context.Stage}/{batch:D8}.{ending}");
}

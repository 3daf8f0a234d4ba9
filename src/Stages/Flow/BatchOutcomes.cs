using System.Globalization;
using System.Text.Json;
using Pipeline.Messages;
using Pipeline.Sdk;
using Pipeline.Shards;
using Pipeline.Shards.Records;

namespace Pipeline.Stages.Flow;

/// <summary>Writes the outcome of a batch and tells of it: shard or failure record first, then the message, then the acknowledgement.</summary>
internal sealed class BatchOutcomes<TIn, TItem, TOut>(FlowContext context, Circuit circuit)
    where TIn : class, ISampleRow
    where TOut : class
{
    private const string RowsInKey = "rows_in";
    private const string QuarantinedKey = "quarantined";
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private readonly InPlace inPlace = new(context.Clock);

    /// <summary>The failure that an earlier delivery left and that stands; null when the batch is to be done.</summary>
    public async Task<FailureRecord?> StandingAsync(int batch, CancellationToken stop) =>
        context.Stands is { } stands
        && await FailureRecord.ReadAsync(context.Store, Failed(batch), stop) is { } record
        && await stands(record, stop)
            ? record
            : null;

    /// <summary>What draws about a batch are made from.</summary>
    public string Key(BatchWork<TIn, TItem, TOut> work) =>
        string.Create(CultureInfo.InvariantCulture, $"{context.Seed} {context.Stage} {work.Message.Batch}");

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

    /// <summary>The valid shard of an earlier delivery; null when there is none.</summary>
    public async Task<BatchShard?> FindAsync(BatchWork<TIn, TItem, TOut> work, CancellationToken stop)
    {
        var uri = Uri(work.Message.Batch);
        var footer = await TryReadFooterAsync(uri, stop);
        return footer is null || work.Expected is null || !footer.Matches(work.Expected)
            ? null
            : new BatchShard(
                new ShardReference(context.Stage, uri, footer.Content, (int)footer.Rows),
                Count(footer, RowsInKey),
                Count(footer, QuarantinedKey),
                await VersionOfAsync(work.Message, stop),
                Reused: true
            );
    }

    /// <summary>Whether a shard that the message names, and that the stage reads, was written anew with other content: whoever wrote it tells of it.</summary>
    public async Task<bool> IsOutdatedAsync(BatchReady message, CancellationToken stop)
    {
        foreach (var shard in RowReader<TIn>.Parents(message.Shards))
        {
            if (await TryReadFooterAsync(shard.Uri, stop) is { } footer && footer.Content != shard.Content)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The stamp of a batch whose shard is there: as its log says, so that a batch that is told of again goes the way that it went before.</summary>
    private async Task<int> VersionOfAsync(BatchReady message, CancellationToken stop)
    {
        var log = context.Versions.IsPlain ? null : await WorkLog.FindAsync(context.Store, Log(message.Batch), stop);
        return log is null ? context.Versions.Stamp(message.Version) : context.Versions.Stands(message.Version, log.Version);
    }

    /// <summary>Null for a shard that is not there, or not whole: it is not done.</summary>
    private async Task<ShardFooter?> TryReadFooterAsync(string uri, CancellationToken stop)
    {
        try
        {
            return await ShardFile.ReadFooterAsync(context.Store, uri, stop);
        }
        catch (ShardDamagedException)
        {
            return null;
        }
    }

    /// <summary>Writes the shard, or the failure record, then tells of it and settles the delivery. A batch with a fault that passes is put aside, unless it was too often.</summary>
    /// <remarks>An outcome takes away the other one before it is written, so that there are never two. What throws from here is no
    /// outcome: the delivery is not settled, and it may come again. Nor is a failure whose delivery was lost: it does come again.</remarks>
    public async Task<BatchShard?> FinishAsync(BatchWork<TIn, TItem, TOut> work, CancellationToken stop)
    {
        if (work.IsOutdated || context.Versions.IsSuperseded(work.Message))
        {
            await work.Delivery.AcknowledgeAsync(); // it comes on the way that it has now
            return null;
        }

        if (work.Standing is { } standing)
        {
            await TellAsync(work, standing, stop);
            await work.Delivery.AcknowledgeAsync();
            return null;
        }

        if (work.Shard is null)
        {
            work.Judge(context.Stage);
            await TryWriteAsync(work, stop);
        }

        // A delivery that was lost came again, perhaps elsewhere: a shard that was written there stands, whatever went wrong here.
        work.Shard ??= await FindAsync(work, stop);
        if (work.Shard is { } shard)
        {
            await TellAsync(work, shard, stop);
            if (!shard.Reused)
            {
                circuit.Succeeded();
            }

            if (work.Delivery.Attempts > 0)
            {
                context.Notice(null);
            }
        }
        else if (work.Error is { } error && !work.Delivery.Lost.IsCancellationRequested)
        {
            await SettleAsync(work, error, stop);
        }

        return work.Shard;
    }

    private async Task SettleAsync(BatchWork<TIn, TItem, TOut> work, Exception error, CancellationToken stop)
    {
        if (circuit is { IsOpen: true, Probing: false })
        {
            await work.Delivery.GiveBackAsync(); // it is the stage that is broken, and not the batch
            return;
        }

        if (TransientFault.Of(error) is { } fault && work.Delivery.Attempts < fault.MostAttempts)
        {
            context.Notice($"{context.Stage} batch {work.Message.Batch} is tried again later: {error.Message}");
            await PutAsideAsync(work, fault);
        }
        else
        {
            await FailAsync(work, error, stop);
        }

        circuit.Failed(error);
    }

    /// <summary>Has the batch come again when the fault may have passed.</summary>
    public ValueTask PutAsideAsync(BatchWork<TIn, TItem, TOut> work, TransientFault fault)
    {
        context.Meter.PutAside();
        return work.Delivery.DelayAsync(fault.Aside(work.Delivery.Attempts, Key(work)));
    }

    private async Task TryWriteAsync(BatchWork<TIn, TItem, TOut> work, CancellationToken stop)
    {
        if (work.Error is not null)
        {
            return;
        }

        try
        {
            work.Shard = await inPlace.TryAsync(() => WriteAsync(work, stop), Key(work), stop);
        }
        catch (Exception error) when (!stop.IsCancellationRequested)
        {
            work.Fail(error);
        }
    }

    private async Task<BatchShard> WriteAsync(BatchWork<TIn, TItem, TOut> work, CancellationToken stop)
    {
        var batch = work.Message.Batch;
        await context.Store.DeleteAsync(Failed(batch), stop);
        var quarantine = work.Quarantine();
        if (quarantine.Count > 0)
        {
            await context.Store.WriteAsync(Quarantine(batch), JsonSerializer.SerializeToUtf8Bytes(quarantine, Indented), stop);
        }
        else
        {
            await context.Store.DeleteAsync(Quarantine(batch), stop);
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
        var stamp = await ShardFile.WriteAsync(context.Store, Uri(batch), ShardRows.ToTable(work.Results()), footer, stop: stop);
        var version = context.Versions.Stamp(work.Message.Version);
        var log = WorkLog.Of(context.Stage, batch, version, stamp.Rows, stamp.Bytes, work.Started, context.Clock) with
        {
            Plugin = context.Plugin,
        };
        await log.WriteAsync(context.Store, Log(batch), stop);
        var reference = new ShardReference(context.Stage, stamp.Uri, stamp.Content, (int)stamp.Rows);
        return new BatchShard(reference, work.RowsIn, quarantine.Count, version, Reused: false);
    }

    private async Task TellAsync(BatchWork<TIn, TItem, TOut> work, BatchShard shard, CancellationToken stop)
    {
        var message = work.Message with
        {
            Stage = context.Stage,
            Version = shard.Version,
            Newest = context.Versions.Newest,
            Shards = [.. work.Message.Shards, shard.Reference],
            RowsIn = shard.RowsIn,
            Quarantined = shard.Quarantined,
            Reused = shard.Reused,
        };
        context.At($"{context.Stage}:publish.before");
        await context.PublishAsync(message, stop);
        context.Meter.Finished(shard.Reference.Rows, shard.Quarantined, shard.Reused);
        context.At($"{context.Stage}:publish.after");
        context.At($"{context.Stage}:acknowledge.before");
        await work.Delivery.AcknowledgeAsync();
        context.At($"{context.Stage}:acknowledge.after");
    }

    private async Task FailAsync(BatchWork<TIn, TItem, TOut> work, Exception error, CancellationToken stop)
    {
        (error as TimeLimitException)?.Tell(context);
        var batch = work.Message.Batch;
        var record = new FailureRecord(
            context.Stage,
            batch,
            ErrorKind.Of(error),
            Message(error, work.Delivery.Attempts),
            error.StackTrace,
            work.RowsIn,
            context.Fingerprint
        )
        {
            First = context.Clock.GetUtcNow(),
            Last = context.Clock.GetUtcNow(),
            Host = Environment.MachineName,
            Options = context.Options.Value,
            Given = work.Message,
        };
        await context.Store.DeleteAsync(Uri(batch), stop);
        await context.Store.DeleteAsync(Quarantine(batch), stop);
        record = await record.WriteAsync(context.Store, context.Run, stop);
        await TellAsync(work, record, stop);
        await work.Delivery.FailAsync($"{record.Error}: {record.Message}");
    }

    private async Task TellAsync(BatchWork<TIn, TItem, TOut> work, FailureRecord record, CancellationToken stop)
    {
        var message = new BatchFailed
        {
            Run = context.Run,
            Version = work.Message.Version,
            Stage = context.Stage,
            Batch = record.Batch,
            Shards = work.Message.Shards,
            Error = record.Error,
            Message = record.Message,
        };
        await context.PublishEventAsync(message, context.Stage, stop);
        context.Meter.Broke();
    }

    private static string Message(Exception error, int attempts) =>
        attempts == 0 ? error.Message : $"{error.Message} (tried {attempts + 1} times)";

    private static int Count(ShardFooter footer, string key) =>
        int.Parse(footer.Extra.GetValueOrDefault(key, "0"), CultureInfo.InvariantCulture);

    private string Uri(int batch) => ShardNames.Uri(context.Run, context.Stage, batch);

    private string Quarantine(int batch) => string.Create(CultureInfo.InvariantCulture, $"quarantine/{context.Stage}/{batch:D8}.json");

    private string Failed(int batch) => FailureRecord.Uri(context.Run, context.Stage, batch);

    private string Log(int batch) =>
        string.Create(CultureInfo.InvariantCulture, $"runs/{context.Run}/{context.Stage}/{batch:D8}{WorkLog.Ending}");
}

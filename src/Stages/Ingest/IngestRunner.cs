using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Pipeline.Messages;
using Pipeline.Shards;
using Pipeline.Shards.Records;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs;

namespace Pipeline.Stages.Ingest;

/// <summary>Walks the source in its order, writes an ingest shard for each batch and publishes it, within the bound of unfinished batches.</summary>
/// <remarks>
/// <para>Adds the columns of <see cref="IngestRow"/>; one row for each file that is an image by its header.</para>
/// <para>Repeats: equal files give equal shards; a file whose size and time are known is not read again.</para>
/// <para>Failure: a file that cannot be read, or is no image, is a quarantine row. What stops the walk itself stops the run.</para>
/// </remarks>
internal sealed class IngestRunner(StageSite site) : IStageRunner
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private readonly IngestOptions options = site.Options<IngestOptions>();
    private readonly CancellationTokenSource stopping = new();
    private readonly FlowContext flow = site.Flow();
    private readonly XxHash128 content = new();
    private Task walk = Task.CompletedTask;

    public Task StartAsync(CancellationToken stop)
    {
        walk = Task.Run(WalkAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await walk;
        stopping.Dispose();
    }

    private async Task WalkAsync()
    {
        try
        {
            var source = IngestSource.Open(site.Run.Input, options);
            using var index = SourceIndex.Open(Path.Combine(site.Run.Output, "runs", site.Run.Run, "ingest", "index"));
            var (batches, rows) = (0, 0L);
            foreach (var entries in source.Entries().Take(site.Run.Limit ?? int.MaxValue).Chunk(options.Batch))
            {
                await site.Run.Credits.TakeAsync(stopping.Token);
                rows += await BatchAsync(batches, entries, source.Root, index);
                batches++;
            }

            index.Flush();
            await RemoveFromAsync(batches);
            await site.PublishEventAsync(
                new StageDrained
                {
                    Run = site.Run.Run,
                    Stage = site.Definition.Name,
                    Batches = batches,
                    Rows = rows,
                    Content = Convert.ToHexStringLower(content.GetCurrentHash()),
                },
                site.Definition.Name,
                stopping.Token
            );
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // the next run walks again
        }
        catch (Exception error)
        {
            await StageFailure.TellAsync(site, 0, [], error, CancellationToken.None);
        }
    }

    private async Task<int> BatchAsync(int batch, SourceEntry[] entries, string root, SourceIndex index)
    {
        var started = site.Run.Clock.GetTimestamp();
        var outcomes = new SampleOutcome[entries.Length];
        Parallel.For(
            0,
            entries.Length,
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = stopping.Token },
            entry => outcomes[entry] = SampleReader.Read(root, entries[entry], options.Embed, index, site.Run.Verify)
        );
        var rows = outcomes.Select(outcome => outcome.Row).OfType<IngestRow>().ToList();
        var rejected = entries
            .Zip(outcomes)
            .Where(pair => pair.Second.Rejected is not null)
            .Select(pair => new QuarantineRow(
                null,
                null,
                site.Definition.Name,
                batch,
                pair.Second.Rejected?.Kind ?? "",
                pair.Second.Rejected?.Message ?? "",
                pair.First.Uri
            ))
            .ToList();
        site.Meter.Worked(site.Run.Clock.GetElapsedTime(started));
        var (shard, reused) = await WriteAsync(batch, rows, rejected, started);
        site.Meter.Finished(rows.Count, rejected.Count, reused);
        content.Append(Encoding.UTF8.GetBytes(shard.Content));
        flow.At("ingest:publish.before");
        await flow.PublishAsync(
            new BatchReady
            {
                Run = site.Run.Run,
                Version = flow.Version,
                Stage = site.Definition.Name,
                Batch = batch,
                Shards = [shard],
                RowsIn = entries.Length,
                Quarantined = rejected.Count,
                Reused = reused,
            },
            stopping.Token
        );
        flow.At("ingest:publish.after");
        return rows.Count;
    }

    private async Task<(ShardReference Shard, bool Reused)> WriteAsync(
        int batch,
        List<IngestRow> rows,
        List<QuarantineRow> rejected,
        long started
    )
    {
        var uri = ShardNames.Uri(site.Run.Run, site.Definition.Name, batch);
        var table = ShardRows.ToTable(rows);
        var footer = new ShardFooter
        {
            Stage = site.Definition.Name,
            Batch = batch,
            Fingerprint = flow.Fingerprint,
            Seed = site.Run.Seed,
            Extra = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["rows_in"] = (rows.Count + rejected.Count).ToString(CultureInfo.InvariantCulture),
                ["quarantined"] = rejected.Count.ToString(CultureInfo.InvariantCulture),
            },
        };
        if (await ReadFooterAsync(uri) is { } there && there.Matches(footer) && there.Content == ShardFile.HashOf(table))
        {
            return (new ShardReference(site.Definition.Name, uri, there.Content, rows.Count), true);
        }

        var quarantine = string.Create(CultureInfo.InvariantCulture, $"quarantine/{site.Definition.Name}/{batch:D8}.json");
        if (rejected.Count > 0)
        {
            await site.Run.Store.WriteAsync(quarantine, JsonSerializer.SerializeToUtf8Bytes(rejected, Indented), stopping.Token);
        }
        else
        {
            await site.Run.Store.DeleteAsync(quarantine, stopping.Token);
        }

        var stamp = await ShardFile.WriteAsync(site.Run.Store, uri, table, footer, stop: stopping.Token);
        var log = WorkLog.Of(site.Definition.Name, batch, flow.Version, stamp.Rows, stamp.Bytes, started, site.Run.Clock);
        await log.WriteAsync(site.Run.Store, Path.ChangeExtension(uri, WorkLog.Ending), stopping.Token);
        return (new ShardReference(site.Definition.Name, uri, stamp.Content, rows.Count), false);
    }

    private async Task<ShardFooter?> ReadFooterAsync(string uri)
    {
        try
        {
            return await ShardFile.ReadFooterAsync(site.Run.Store, uri, stopping.Token);
        }
        catch (ShardDamagedException)
        {
            return null; // a shard that is not whole is not done
        }
    }

    /// <summary>An input that has become shorter leaves batches of an earlier run behind; they are no part of this one.</summary>
    private async Task RemoveFromAsync(int batches)
    {
        foreach (var folder in new[] { $"runs/{site.Run.Run}", "quarantine" })
        {
            foreach (var uri in await site.Run.Store.ListAsync(folder, stopping.Token))
            {
                var name = uri[(uri.LastIndexOf('/') + 1)..];
                if (
                    name.Length > 9
                    && name[8] == '.'
                    && int.TryParse(name.AsSpan(0, 8), NumberStyles.None, CultureInfo.InvariantCulture, out var batch)
                    && batch >= Math.Max(batches, 1)
                )
                {
                    await site.Run.Store.DeleteAsync(uri, stopping.Token);
                }
            }
        }
    }
}

using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Pipeline.Messages;
using Pipeline.Models.Images;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs;

namespace Pipeline.Stages.Ingest;

/// <summary>Walks the source in its order, writes an ingest shard for each batch and publishes it, within the bound of unfinished batches.</summary>
/// <remarks>
/// <para>Adds the columns of <see cref="IngestRow"/>; one row for each file that is an image by its header.</para>
/// <para>Repeats: equal files give equal shards; a file whose size and time are known is not read again.</para>
/// <para>Failure: a file that cannot be read, or is no image, is a quarantine row. What stops the walk itself stops the run.</para>
/// </remarks>
internal sealed class IngestRunner(StageSite site, FlowContext flow) : IStageRunner
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private readonly IngestOptions options = site.Options<IngestOptions>();
    private readonly CancellationTokenSource stopping = new();
    private readonly XxHash128 content = new();
    private readonly SplitLeaks leaks = new();
    private readonly IngestShards shards = new(site, flow);
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
            using var index = SourceIndex.Open(Path.Combine(site.Run.Output, "runs", site.Run.Run, "ingest", "index"));
            var (batches, rows) = (0, 0L);
            await foreach (var (entries, source) in new SourceWalk(site, options).BatchesAsync(stopping.Token))
            {
                await site.Run.Credits.TakeAsync(batches, entries.Sum(entry => entry.Size), stopping.Token);
                rows += await BatchAsync(batches, entries, source, index);
                batches++;
            }

            index.Flush();
            await shards.RemoveFromAsync(batches, stopping.Token);
            await ReportLeaksAsync();
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
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            // the next run, or whoever leads this one next, walks again; what failed may be no more than the end of a connection
        }
        catch (Exception error)
        {
            await StageFailure.TellAsync(site, 0, [], error, CancellationToken.None);
        }
    }

    private async Task<int> BatchAsync(int batch, SourceEntry[] entries, IngestSource source, SourceIndex index)
    {
        var started = site.Run.Clock.GetTimestamp();
        var known = await KnownAsync(batch, entries, index);
        var outcomes = known?.Outcomes ?? await ReadAsync(batch, entries, source, index);
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
        await shards.QuarantineAsync(batch, rejected, stopping.Token);
        var (shard, version, reused) = known is { Shard: { } there }
            ? (there, await shards.VersionOfAsync(there.Uri, stopping.Token), true)
            : await shards.WriteAsync(batch, rows, rejected.Count, started, stopping.Token);
        site.Meter.Finished(rows.Count, rejected.Count, reused);
        content.Append(Encoding.UTF8.GetBytes(shard.Content));
        flow.At("ingest:publish.before");
        await flow.PublishAsync(
            new BatchReady
            {
                Run = site.Run.Run,
                Version = version,
                Newest = flow.Versions.Newest,
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

    private async Task<SampleOutcome[]> ReadAsync(int batch, SourceEntry[] entries, IngestSource source, SourceIndex index)
    {
        // What a shard carries is not fetched twice because a neighbour was refused.
        var there =
            site.Run.Verify || Array.TrueForAll(entries, entry => entry.Fetch is null)
                ? []
                : await shards.ImagesAsync(batch, stopping.Token);
        var outcomes = await Workers.SelectAsync(
            entries.Length,
            source.Concurrency,
            async entry =>
                there.Count > 0
                && SampleReader.Remember(entries[entry], index) is { Row: { } row } known
                && there.TryGetValue(row.SampleId, out var image)
                    ? known with
                    {
                        Row = row with { Image = image, Length = image.LongLength },
                    }
                    : await SampleReader.ReadAsync(source.Root, entries[entry], options.Embed, index, site.Run.Verify, stopping.Token),
            stopping.Token
        );
        return Refuse(batch, outcomes);
    }

    /// <summary>Sets aside what the options refuse; the index knows nothing of them.</summary>
    private SampleOutcome[] Refuse(int batch, SampleOutcome[] outcomes)
    {
        for (var entry = 0; entry < outcomes.Length; entry++)
        {
            if (
                outcomes[entry] is { Row: { } row } outcome
                && Refusal(row, outcome.Content, ((long)batch * options.Batch) + entry + 1) is { } refusal
            )
            {
                outcomes[entry] = outcome with { Row = null, Rejected = refusal };
            }
        }

        return outcomes;
    }

    private Rejected? Refusal(IngestRow row, UInt128 bytes, long number)
    {
        if ((long)row.Width * row.Height > options.Pixels)
        {
            return new Rejected(
                RejectionKind.TooLarge,
                $"{row.Uri} is {row.Width:N0} x {row.Height:N0} pixels ({(long)row.Width * row.Height:N0}); it must have at most {options.Pixels:N0}. Shrink it, or set ingest.pixels higher."
            );
        }

        return leaks.Find(bytes, row, number) is { } leak && options.SplitLeaks == SplitLeakRule.Refuse
            ? new Rejected(
                SourceFault.InTwoSplits,
                $"{leak}; an image must lie in one split. Take one of the two out, or set ingest.splitLeaks=report."
            )
            : null;
    }

    /// <summary>Images that lie in two splits, where they are not set aside: a file of them, and a word to whoever watches.</summary>
    private async Task ReportLeaksAsync()
    {
        const string Uri = "report/split-leaks.json";
        if (leaks.Found.Count == 0 || options.SplitLeaks == SplitLeakRule.Refuse)
        {
            await site.Run.Store.DeleteAsync(Uri, stopping.Token);
            return;
        }

        await site.Run.Store.WriteAsync(Uri, JsonSerializer.SerializeToUtf8Bytes(leaks.Found, Indented), stopping.Token);
        site.Run.Notice(
            $"{leaks.Found.Count:N0} images lie in two splits, such as: {leaks.Found[0]}. All are in {Uri}; what is measured on them is no test."
        );
    }

    /// <summary>
    /// A batch whose shard carries the bytes is not read again when the index knows all its images and the shard's other columns say the same;
    /// null when it must be.
    /// </summary>
    private async Task<(SampleOutcome[] Outcomes, ShardReference Shard)?> KnownAsync(int batch, SourceEntry[] entries, SourceIndex index)
    {
        if (site.Run.Verify || !(options.Embed || entries.Any(entry => entry.Fetch is not null)))
        {
            return null;
        }

        var outcomes = new SampleOutcome[entries.Length];
        for (var entry = 0; entry < entries.Length; entry++)
        {
            if (SampleReader.Remember(entries[entry], index) is not { } known)
            {
                return null;
            }

            outcomes[entry] = known;
        }

        Refuse(batch, outcomes);
        var rows = outcomes.Select(outcome => outcome.Row).OfType<IngestRow>().ToList();
        return await shards.FindAsync(batch, rows, entries.Length - rows.Count, stopping.Token) is { } shard ? (outcomes, shard) : null;
    }
}

using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Pipeline.Messages;
using Pipeline.Models.Language.Phrases;
using Pipeline.Sdk;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Describe;

/// <summary>What the describe stage reads of a sample.</summary>
public sealed record DescribeInput(
    [Reads("caption", "sample_id")] string SampleId,
    [Reads("caption", "caption")] string Caption,
    [Reads("ingest", "split")] string Split
) : ISampleRow;

/// <summary>Makes the artifact <c>domains</c>: fewer than 10 class-agnostic descriptions of the settings that the captions tell of.</summary>
/// <remarks>
/// <para>Takes the distinct captions with the lowest hash of seed and caption among the first training samples in source order, when the
/// batches that hold those are done; so the choice depends neither on arrival nor on batching.</para>
/// <para>Failure: captions that give no description fail the stage, and the run with it.</para>
/// </remarks>
internal sealed class DescribeRunner(StageSite site) : IStageRunner
{
    private readonly DescribeOptions options = site.Options<DescribeOptions>();
    private readonly SortedDictionary<int, BatchReady?> batches = []; // null for one that failed
    private readonly List<string> captions = []; // of the training samples of the batches up to next
    private readonly Dictionary<string, HashSet<int>> heard = new(StringComparer.Ordinal); // batches with an outcome, by stage
    private readonly Dictionary<string, int> drained = new(StringComparer.Ordinal); // batches that a drained stage has in all
    private readonly IReadOnlyList<string> upstream = site.Run.Pipeline.Upstream(site.Definition.Name);
    private readonly CancellationTokenSource stopping = new();
    private IConsumer? consumer;
    private int next;
    private bool told;

    public async Task StartAsync(CancellationToken stop) =>
        consumer = await HeldConsumer.StartAsync(site.Run, site.Queue, 1, OnMessageAsync, stop);

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        if (consumer is not null)
        {
            await consumer.DisposeAsync();
        }

        stopping.Dispose();
    }

    private async Task OnMessageAsync(IDelivery delivery)
    {
        try
        {
            switch (delivery.Message.Type)
            {
                case nameof(BatchReady) when !told && delivery.Message.Read<BatchReady>() is var ready:
                    Take(ready.Stage, ready.Batch, ready);
                    break;
                case nameof(BatchFailed) when delivery.Message.Read<BatchFailed>() is var failed && upstream.Contains(failed.Stage):
                    Take(failed.Stage, failed.Batch, null);
                    break;
                case nameof(StageDrained) when delivery.Message.Read<StageDrained>() is var message:
                    drained[message.Stage] = message.Batches;
                    break;
            }

            if (!told && await IsEnoughAsync())
            {
                await DescribeAsync(captions.Count > options.Among ? captions[..options.Among] : captions);
                told = true;
                batches.Clear();
                captions.Clear();
            }

            site.Run.At($"{site.Definition.Name}:acknowledge.before");
            await delivery.AcknowledgeAsync();
            site.Run.At($"{site.Definition.Name}:acknowledge.after");
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            // given back when the consumer is disposed
        }
        catch (Exception error)
        {
            await StageFailure.TellAsync(site, 0, [], error, CancellationToken.None);
            await delivery.FailAsync($"{error.GetType().Name}: {error.Message}");
        }
    }

    /// <summary>A batch that is told again is taken once.</summary>
    private void Take(string stage, int batch, BatchReady? ready)
    {
        if (!heard.TryGetValue(stage, out var batchesOfStage))
        {
            heard[stage] = batchesOfStage = [];
        }

        batchesOfStage.Add(batch);
        if (batch >= next)
        {
            batches.TryAdd(batch, ready);
        }
    }

    /// <summary>Reads batches in their order, and none that is not needed, until there are captions enough; false while a batch that may hold some is missing.</summary>
    private async Task<bool> IsEnoughAsync()
    {
        var all = IsAll();
        while (captions.Count < options.Among && batches.Count > 0)
        {
            var (batch, ready) = batches.First();
            if (batch != next && !all)
            {
                return false;
            }

            var rows = ready is null ? [] : await ReadAsync(ready);
            captions.AddRange(rows);
            batches.Remove(batch);
            next = batch + 1;
            site.Meter.Finished(rows.Count, 0, wasThere: false);
        }

        return all || captions.Count >= options.Among;
    }

    /// <summary>Whether every batch was heard of. That a stage is drained may be told before its batches are: by an earlier leader, or twice.</summary>
    private bool IsAll() =>
        site.Definition.After.All(stage => drained.TryGetValue(stage, out var batches) && heard.GetValueOrDefault(stage)?.Count >= batches);

    private async Task<List<string>> ReadAsync(BatchReady ready) =>
        [
            .. (await RowReader<DescribeInput>.ReadAsync(site.Run.Store, ready.Shards, stopping.Token))
                .Where(row => row.Split == "train")
                .Select(row => row.Caption),
        ];

    private async Task DescribeAsync(List<string> samples)
    {
        var started = site.Run.Clock.GetTimestamp();
        var chosen = samples
            .Distinct(StringComparer.Ordinal)
            .OrderBy(Draw)
            .ThenBy(caption => caption, StringComparer.Ordinal)
            .Take(options.Captions)
            .ToList();
        if (chosen.Count == 0)
        {
            throw new InvalidDataException(
                "There is no caption of a training sample; descriptions need at least one. Look at the quarantine and at the splits of the input."
            );
        }

        var domains = await new PhraseSummarizer().SummarizeAsync(chosen, site.Run.ClassNames, options.Limit, stopping.Token);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(domains);
        var uri = $"runs/{site.Run.Run}/{site.Definition.Name}/domains.json";
        await site.Run.Store.WriteAsync(uri, bytes, stopping.Token);
        var log = WorkLog.Of(site.Definition.Name, 0, 1, domains.Count, bytes.Length, started, site.Run.Clock);
        await log.WriteAsync(site.Run.Store, $"runs/{site.Run.Run}/{site.Definition.Name}/00000000{WorkLog.Ending}", stopping.Token);
        site.Run.At($"{site.Definition.Name}:publish.before");
        await site.PublishEventAsync(
            new ArtifactReady
            {
                Run = site.Run.Run,
                Name = "domains",
                Stage = site.Definition.Name,
                Uri = uri,
                Content = Convert.ToHexStringLower(XxHash128.Hash(bytes)),
            },
            "domains",
            stopping.Token
        );
        site.Run.At($"{site.Definition.Name}:publish.after");
    }

    private UInt128 Draw(string caption) =>
        XxHash128.HashToUInt128(
            Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{site.Run.Seed}\0{caption}\0describe"))
        );
}

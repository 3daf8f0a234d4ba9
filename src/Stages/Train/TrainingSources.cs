using System.Text.Json;
using Pipeline.Sdk;
using Pipeline.Shards;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs;

namespace Pipeline.Stages.Train;

/// <summary>Gathers the images of the trainings from the run's shards, and keeps their pixel caches open.</summary>
internal sealed class TrainingSources(StageSite site) : IDisposable
{
    /// <summary>The stage whose rows are the originals.</summary>
    public const string Originals = "ingest";

    /// <summary>The stage whose rows name the kept edits.</summary>
    public const string KeptEdits = "select";

    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private readonly RunShards shards = new(site.Run.Store, site.Run.Run);
    private readonly List<PixelCache> open = [];

    /// <summary>The images: originals of every split but those that a stage before leaves out, and the selected edits with them when <paramref name="edits"/> is true.</summary>
    public async Task<TrainingImageSets> OpenAsync(bool edits, PixelForm form, CancellationToken stop)
    {
        var samples = new List<TrainingSample>();
        var labels = new Dictionary<string, (int Label, string Group)>(StringComparer.Ordinal);
        var leftOut = await LeftOutSamples.ReadAsync(shards, site.Run.Pipeline, site.Definition.Name, stop);
        await foreach (var (_, rows) in shards.ReadAllAsync<OriginalRow>(Originals, stop))
        {
            foreach (var row in rows)
            {
                labels[row.SampleId] = (row.Label, row.Group);
                if (leftOut.ContainsKey(row.SampleId))
                {
                    continue;
                }

                samples.Add(new TrainingSample(row.SampleId, row.Label, row.Group, row.Split, false, _ => Load(row)));
            }
        }

        if (edits)
        {
            await AddEditsAsync(samples, labels, stop);
        }

        var path = Path.Combine(
            site.Run.Output,
            "runs",
            site.Run.Run,
            site.Definition.Name,
            edits ? "pixels-kept.bin" : "pixels-original.bin"
        );
        var cache = await PixelCache.OpenAsync(path, samples, form, Environment.ProcessorCount, stop);
        open.Add(cache);
        await QuarantineAsync(cache, stop);
        return new TrainingImageSets(cache, samples, site.Run.ClassNames);
    }

    public void Dispose()
    {
        foreach (var cache in open)
        {
            cache.Dispose();
        }
    }

    private ValueTask<ReadOnlyMemory<byte>> Load(OriginalRow row) =>
        ValueTask.FromResult<ReadOnlyMemory<byte>>(
            SampleBytes.Read(site.Run.InputRoot, row.Uri, row.Container, row.Offset, row.Length, row.Image)
        );

    private async Task AddEditsAsync(
        List<TrainingSample> samples,
        Dictionary<string, (int Label, string Group)> labels,
        CancellationToken stop
    )
    {
        var last = new LastShard(shards);
        var made = new Dictionary<int, string>();
        foreach (var edit in await shards.ReadAsync<SelectedRow>(KeptEdits, 0, stop))
        {
            if (!made.TryGetValue(edit.Batch, out var fingerprint))
            {
                fingerprint = await FingerprintAsync(ShardNames.Uri(site.Run.Run, "edit", edit.Batch), stop);
                made.Add(edit.Batch, fingerprint);
            }

            samples.Add(
                new TrainingSample(
                    edit.VariantId,
                    edit.Label,
                    labels[edit.SampleId].Group,
                    "train",
                    true,
                    token => last.LoadAsync(edit, token)
                )
                {
                    Made = fingerprint,
                }
            );
        }
    }

    private async Task<string> FingerprintAsync(string uri, CancellationToken stop) =>
        (await ShardFile.ReadFooterAsync(site.Run.Store, uri, stop))?.Fingerprint
        ?? throw new InvalidDataException($"The shard {uri} of a selected edit is not there; it must be. Run the same command again.");

    /// <summary>What no stage before could see: pictures whose body cannot be decoded.</summary>
    private async Task QuarantineAsync(PixelCache cache, CancellationToken stop)
    {
        if (cache.Rejected.Count == 0)
        {
            return;
        }

        var rows = cache.Rejected.Select(rejected => new QuarantineRow(
            rejected.Id,
            null,
            site.Definition.Name,
            0,
            rejected.Kind,
            rejected.Message,
            null
        ));
        await site.Run.Store.WriteAsync(
            $"quarantine/{site.Definition.Name}/00000000.json",
            JsonSerializer.SerializeToUtf8Bytes(rows, Indented),
            stop
        );
    }

    private sealed record OriginalRow(
        string SampleId,
        string Uri,
        string? Container,
        long Offset,
        long Length,
        byte[]? Image,
        int Label,
        string Split,
        string Group
    );

    private sealed record SelectedRow(string SampleId, string VariantId, int Batch, int Label);

    private sealed record EditRow(string VariantId, byte[] Image);

    /// <summary>Keeps the edits of one shard in memory: selected edits come sorted by shard.</summary>
    private sealed class LastShard(RunShards shards)
    {
        private readonly Lock change = new();
        private (int Batch, Task<Dictionary<string, byte[]>> Images) held = (
            -1,
            Task.FromResult(new Dictionary<string, byte[]>(StringComparer.Ordinal))
        );

        public async ValueTask<ReadOnlyMemory<byte>> LoadAsync(SelectedRow edit, CancellationToken stop)
        {
            Task<Dictionary<string, byte[]>> images;
            lock (change)
            {
                if (held.Batch != edit.Batch)
                {
                    held = (edit.Batch, ReadAsync(edit.Batch, stop));
                }

                images = held.Images;
            }

            return (await images)[edit.VariantId];
        }

        private async Task<Dictionary<string, byte[]>> ReadAsync(int batch, CancellationToken stop) =>
            (await shards.ReadAsync<EditRow>("edit", batch, stop)).ToDictionary(
                row => row.VariantId,
                row => row.Image,
                StringComparer.Ordinal
            );
    }
}

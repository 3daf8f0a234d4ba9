using System.Globalization;
using System.Text;
using System.Text.Json;
using Pipeline.Shards;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Topology;

namespace Pipeline.Stages.Runs;

/// <summary>Counts a finished run's samples and edits from its files: what went in against what became of it, each counted where it lies.</summary>
public static class RunAccounts
{
    private const string Uri = "report/account.json";

    /// <summary>Counts, and writes <c>report/account.json</c>.</summary>
    public static async Task<IReadOnlyList<RunAccount>> CountAsync(RunSite site, CancellationToken stop)
    {
        var shards = new RunShards(site.Store, site.Run);
        var history = site.Topology.Current;
        var rowStages = site.Pipeline.Stages.Where(TopologyHistory.IsRow).ToList();
        var ofSamples = rowStages.Where(stage => !stage.Kind.Adds.Contains("variant_id")).Select(stage => stage.Name).ToList();
        // What looks at edits beside the line that leads to the selection sets none of them aside.
        var onTheLine = history.Pipeline.Find("select") is null ? null : history.Before("select");
        var ofVariants = rowStages
            .Where(stage =>
                stage.Kind.Adds.Contains("variant_id") && (stage.Kind is IVariantKind || onTheLine?.Contains(stage.Name) != false)
            )
            .Select(stage => stage.Name)
            .ToList();
        var exported = await ExportedAsync(site, stop);
        var exporter = site.Pipeline.Stages.FirstOrDefault(stage => stage.Kind.Name == "export");
        var leftOut = exporter is null
            ? new Dictionary<string, string>(StringComparer.Ordinal)
            : await LeftOutSamples.ReadAsync(shards, site.Pipeline, exporter.Name, stop);
        var accounts = new List<RunAccount>
        {
            await SamplesAsync(await SampleTally.ReadAsync(shards, ofSamples, leftOut, stop), exported, shards, history, ofSamples, stop),
        };
        foreach (var maker in rowStages)
        {
            if (maker.Kind is IVariantKind)
            {
                var before = ofSamples.Intersect(history.Before(maker.Name), StringComparer.Ordinal).ToList();
                var tally = await SampleTally.ReadAsync(shards, before, new Dictionary<string, string>(StringComparer.Ordinal), stop);
                var each = await VariantsEach.ReadAsync(site, maker, tally.Batches.Keys, stop);
                accounts.Add(await VariantsAsync(site, shards, tally, exported, maker, each, ofVariants, stop));
            }
        }

        await site.Store.WriteAsync(Uri, Encoding.UTF8.GetBytes(RunAccount.ToJson(accounts)), stop);
        return accounts;
    }

    /// <summary>Reads what <see cref="CountAsync"/> wrote; empty when there is nothing.</summary>
    public static async Task<IReadOnlyList<RunAccount>> ReadAsync(IShardStore store, CancellationToken stop)
    {
        if (!await store.ExistsAsync(Uri, stop))
        {
            return [];
        }

        using var document = JsonDocument.Parse(await store.ReadAllAsync(Uri, stop));
        return [.. document.RootElement.EnumerateObject().Select(account => Read(account.Name, account.Value))];
    }

    private static RunAccount Read(string name, JsonElement account) =>
        new()
        {
            Of = name,
            In = account.GetProperty("in").GetInt64(),
            Kept = account.GetProperty("kept").GetInt64(),
            Dropped = account
                .GetProperty("dropped")
                .EnumerateObject()
                .ToDictionary(reason => reason.Name, reason => reason.Value.GetInt64(), StringComparer.Ordinal),
            Quarantined = account.GetProperty("quarantined").GetInt64(),
            Failed = account.GetProperty("failed").GetInt64(),
            InFlight = account.GetProperty("inFlight").GetInt64(),
        };

    private static async Task<RunAccount> SamplesAsync(
        SampleTally tally,
        Exported? exported,
        RunShards shards,
        TopologyHistory history,
        List<string> stages,
        CancellationToken stop
    ) =>
        new()
        {
            Of = "samples",
            In = tally.Listed,
            Kept = exported?.Originals ?? await KeptAsync(shards, history, stages, stop),
            Dropped = tally.LeftOut,
            Quarantined = tally.Rejected + tally.Aside,
            Failed = tally.Failed,
        };

    /// <summary>Samples that every stage has, or has in the batches that it took where it came late or was removed.</summary>
    private static async Task<long> KeptAsync(RunShards shards, TopologyHistory history, List<string> stages, CancellationToken stop)
    {
        var (done, failed) = (new Dictionary<string, HashSet<int>>(), new Dictionary<string, HashSet<int>>());
        foreach (var stage in stages)
        {
            done[stage] = [.. await shards.BatchesAsync(stage, stop)];
            failed[stage] = [.. await shards.FailedAsync(stage, stop)];
        }

        var kept = 0L;
        foreach (var batch in await shards.BatchesAsync("ingest", stop))
        {
            var taking = stages.Where(stage => done[stage].Contains(batch)).ToList();
            var isLost = stages
                .Except(taking, StringComparer.Ordinal)
                .Any(stage => failed[stage].Contains(batch) || IsAlways(history, stage));
            kept += isLost ? 0 : await KeptAsync(shards, batch, taking, stop);
        }

        return kept;
    }

    /// <summary>Samples of one batch that these stages all have; ids are read only of those that have fewer than came.</summary>
    private static async Task<long> KeptAsync(RunShards shards, int batch, List<string> stages, CancellationToken stop)
    {
        var all = await shards.RowsAsync("ingest", batch, stop);
        HashSet<string>? left = null;
        foreach (var stage in stages)
        {
            if (await shards.RowsAsync(stage, batch, stop) < all)
            {
                var has = (await shards.ReadAsync<SampleRow>(stage, batch, stop)).Select(row => row.SampleId);
                left = left is null ? [.. has] : [.. left.Intersect(has, StringComparer.Ordinal)];
            }
        }

        return left?.Count ?? all;
    }

    private static bool IsAlways(TopologyHistory history, string stage) =>
        history.Steps.All(step => history.Find(stage, step.Version) is not null);

    /// <summary>In: so many variants for every training sample of a batch as <paramref name="each"/> says. A sample set aside or failed takes all of its variants with it.</summary>
    private static async Task<RunAccount> VariantsAsync(
        RunSite site,
        RunShards shards,
        SampleTally tally,
        Exported? exported,
        StageDefinition maker,
        IReadOnlyDictionary<int, int> each,
        List<string> stages,
        CancellationToken stop
    )
    {
        var broken = (await shards.FailedAsync(maker.Name, stop)).ToHashSet();
        var (quarantined, failed) = (0L, 0L);
        foreach (var (batch, training) in tally.Batches)
        {
            quarantined += each[batch] * training.Aside;
            failed += each[batch] * (broken.Contains(batch) ? training.Count - training.Aside : training.Failed);
        }

        // Stages side by side may set one edit aside twice, or fail one batch twice: each counts once.
        var (aside, lost) = (new HashSet<string>(StringComparer.Ordinal), new SortedSet<int>());
        foreach (var stage in stages)
        {
            foreach (var row in await shards.QuarantineAsync(stage, stop))
            {
                quarantined += row.VariantId is null ? each[row.Batch] : 0;
                if (row.VariantId is { } variant)
                {
                    aside.Add(variant);
                }
            }

            lost.UnionWith(stage == maker.Name ? [] : await shards.FailedAsync(stage, stop));
        }

        quarantined += aside.Count;
        foreach (var batch in lost)
        {
            failed += await LostAsync(shards, maker.Name, batch, aside, stop);
        }

        var (kept, dropped) = await SelectionAsync(site, shards, exported, stages[^1], stop);
        return new RunAccount
        {
            Of = "edits",
            In = tally.Batches.Sum(training => (long)each[training.Key] * training.Value.Count),
            Kept = kept,
            Dropped = dropped,
            Quarantined = quarantined,
            Failed = failed,
        };
    }

    /// <summary>Edits of a batch that failed after it was made, those that were set aside before left out.</summary>
    private static async Task<long> LostAsync(RunShards shards, string maker, int batch, HashSet<string> aside, CancellationToken stop) =>
        aside.Count == 0 ? await shards.RowsAsync(maker, batch, stop)
        : await shards.HasAsync(maker, batch, stop)
            ? (await shards.ReadAsync<VariantRow>(maker, batch, stop)).Count(row => !aside.Contains(row.VariantId))
        : 0;

    private static async Task<(long Kept, IReadOnlyDictionary<string, long> Dropped)> SelectionAsync(
        RunSite site,
        RunShards shards,
        Exported? exported,
        string last,
        CancellationToken stop
    )
    {
        var uri = $"runs/{site.Run}/select/selection.json";
        if (!await site.Store.ExistsAsync(uri, stop))
        {
            return (await shards.RowsAsync(last, stop), new Dictionary<string, long>(StringComparer.Ordinal));
        }

        using var document = JsonDocument.Parse(await site.Store.ReadAllAsync(uri, stop));
        var dropped = document
            .RootElement.GetProperty("dropped")
            .EnumerateObject()
            .ToDictionary(property => property.Name, property => property.Value.GetInt64(), StringComparer.Ordinal);
        var selected = (await shards.ReadAsync<VariantRow>("select", 0, stop))
            .Select(row => row.VariantId)
            .Distinct(StringComparer.Ordinal)
            .Count();
        var kept = exported?.Variants ?? selected;
        dropped["source_left_out"] = selected - kept;
        return (kept, dropped);
    }

    /// <summary>Counts what lies in the exported files; null when nothing is exported.</summary>
    private static async Task<Exported?> ExportedAsync(RunSite site, CancellationToken stop)
    {
        if (site.Pipeline.Stages.All(stage => stage.Kind.Name != "export"))
        {
            return null;
        }

        var originals = 0L;
        var variants = new HashSet<string>(StringComparer.Ordinal);
        var files = (await site.Store.ListAsync("augmented/", stop)).Where(uri => uri.EndsWith(".parquet", StringComparison.Ordinal));
        foreach (var uri in files)
        {
            foreach (var id in (await ShardFile.ReadAsync(site.Store, uri, ["variant_id"], stop)).Get<string?>("variant_id"))
            {
                originals += id is null ? 1 : 0;
                if (id is not null)
                {
                    variants.Add(id);
                }
            }
        }

        return new Exported(originals, variants.Count);
    }

    /// <summary>Originals, and variants each counted once, in the exported files.</summary>
    private sealed record Exported(long Originals, long Variants);

    private sealed record VariantRow(string VariantId);

    private sealed record SampleRow(string SampleId);
}

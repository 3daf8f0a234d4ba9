using System.Globalization;
using System.Text.Json;
using Pipeline.Shards;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Report;

namespace Pipeline.Stages.Runs;

/// <summary>Counts a finished run's samples and edits from its files: what went in against what became of it, each counted where it lies.</summary>
public static class RunAccounts
{
    private const string Uri = "report/account.json";

    /// <summary>Counts, and writes <c>report/account.json</c>.</summary>
    public static async Task<IReadOnlyList<RunAccount>> CountAsync(RunSite site, CancellationToken stop)
    {
        var shards = new RunShards(site.Store, site.Run);
        var stages = site.Pipeline.Stages.Where(stage => ((IRunnableKind)stage.Kind).Form == StageForm.Rows).ToList();
        var before = stages.Where(stage => !stage.Kind.Adds.Contains("variant_id")).Select(stage => stage.Name).ToList();
        var editing = stages.Find(stage => stage.Kind.Adds.Contains("variant_id") && stage.Kind.Adds.Contains("image"))?.Name;
        var (samples, trainingRows) = await SamplesAsync(site, shards, before, stop);
        var accounts = new List<RunAccount> { samples };
        if (editing is not null)
        {
            accounts.Add(await EditsAsync(site, shards, before, editing, trainingRows, stop));
        }

        await site.Store.WriteAsync(Uri, System.Text.Encoding.UTF8.GetBytes(RunAccount.ToJson(accounts)), stop);
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

    private static async Task<(RunAccount Account, Dictionary<int, HashSet<string>> Training)> SamplesAsync(
        RunSite site,
        RunShards shards,
        List<string> before,
        CancellationToken stop
    )
    {
        var listed = 0L;
        var all = new Dictionary<int, HashSet<string>>();
        var training = new Dictionary<int, HashSet<string>>();
        await foreach (var (batch, rows) in shards.ReadAllAsync<SplitRow>("ingest", stop))
        {
            var footer = await ShardFile.ReadFooterAsync(site.Store, ShardNames.Uri(site.Run, "ingest", batch), stop);
            listed += long.Parse(footer?.Extra["rows_in"] ?? "0", CultureInfo.InvariantCulture);
            all[batch] = [.. rows.Select(row => row.SampleId)];
            training[batch] = [.. rows.Where(row => row.Split == "train").Select(row => row.SampleId)];
        }

        var quarantined = (await shards.QuarantineAsync("ingest", stop)).Count;
        var aside = new HashSet<string>(StringComparer.Ordinal);
        var failed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var stage in before)
        {
            aside.UnionWith((await shards.QuarantineAsync(stage, stop)).Select(row => row.SampleId).OfType<string>());
            foreach (var batch in await shards.FailedAsync(stage, stop))
            {
                failed.UnionWith(all[batch]);
            }
        }

        failed.ExceptWith(aside);
        var kept = site.Pipeline.Stages.Any(stage => stage.Kind.Name == "export")
            ? await ExportedAsync(site, stop)
            : await LastRowsAsync(site, shards, before.LastOrDefault() ?? "ingest", stop);
        var account = new RunAccount
        {
            Of = "samples",
            In = listed,
            Kept = kept,
            Quarantined = quarantined + aside.Count,
            Failed = failed.Count,
        };
        return (account, training);
    }

    private static async Task<RunAccount> EditsAsync(
        RunSite site,
        RunShards shards,
        List<string> before,
        string editing,
        Dictionary<int, HashSet<string>> training,
        CancellationToken stop
    )
    {
        var options = site.Pipeline.Stages.First(stage => stage.Name == editing).Options;
        var each = PlannedEach(site, options);
        var aside = new HashSet<string>(StringComparer.Ordinal);
        var failed = 0L;
        foreach (var stage in before)
        {
            aside.UnionWith((await shards.QuarantineAsync(stage, stop)).Select(row => row.SampleId).OfType<string>());
        }

        var lost = new HashSet<int>();
        foreach (var stage in before.Append(editing))
        {
            lost.UnionWith(await shards.FailedAsync(stage, stop));
        }

        foreach (var batch in lost)
        {
            failed += each * training[batch].Count(id => !aside.Contains(id));
        }

        var quarantined = each * (long)training.Sum(pair => pair.Value.Count(aside.Contains));
        foreach (var stage in site.Pipeline.Stages.Where(stage => stage.Kind.Adds.Contains("variant_id")).Select(stage => stage.Name))
        {
            foreach (var row in await shards.QuarantineAsync(stage, stop))
            {
                quarantined += row.VariantId is null ? each : 1;
            }

            if (stage != editing)
            {
                foreach (var batch in await shards.FailedAsync(stage, stop))
                {
                    failed += (await ShardFile.ReadFooterAsync(site.Store, ShardNames.Uri(site.Run, editing, batch), stop))?.Rows ?? 0;
                }
            }
        }

        var (kept, dropped) = await SelectionAsync(site, shards, editing, stop);
        return new RunAccount
        {
            Of = "edits",
            In = each * (long)training.Values.Sum(ids => ids.Count),
            Kept = kept,
            Dropped = dropped,
            Quarantined = quarantined,
            Failed = failed,
        };
    }

    private static int PlannedEach(RunSite site, Sdk.IStageOptions options)
    {
        var edit = (Edit.EditOptions)options;
        var descriptions =
            edit.Prompts.Count > 0
                ? edit.Prompts.Count
                : JsonSerializer.Deserialize<string[]>(File.ReadAllBytes(Path.Combine(site.Output, site.Artifacts["domains"].Uri)))?.Length
                    ?? 0;
        return descriptions * edit.Variants;
    }

    private static async Task<(long Kept, IReadOnlyDictionary<string, long> Dropped)> SelectionAsync(
        RunSite site,
        RunShards shards,
        string editing,
        CancellationToken stop
    )
    {
        var uri = $"runs/{site.Run}/select/selection.json";
        if (!await site.Store.ExistsAsync(uri, stop))
        {
            return (await LastRowsAsync(site, shards, editing, stop), new Dictionary<string, long>(StringComparer.Ordinal));
        }

        using var document = JsonDocument.Parse(await site.Store.ReadAllAsync(uri, stop));
        var dropped = document
            .RootElement.GetProperty("dropped")
            .EnumerateObject()
            .ToDictionary(property => property.Name, property => property.Value.GetInt64(), StringComparer.Ordinal);
        var kept = (await shards.ReadAsync<VariantRow>("select", 0, stop))
            .Select(row => row.VariantId)
            .Distinct(StringComparer.Ordinal)
            .Count();
        return (kept, dropped);
    }

    private static async Task<long> ExportedAsync(RunSite site, CancellationToken stop)
    {
        var originals = 0L;
        foreach (var uri in await site.Store.ListAsync("augmented", stop))
        {
            var table = await ShardFile.ReadAsync(site.Store, uri, ["variant_id"], stop);
            originals += table.Get<string?>("variant_id").Count(id => id is null);
        }

        return originals;
    }

    private static async Task<long> LastRowsAsync(RunSite site, RunShards shards, string stage, CancellationToken stop)
    {
        var rows = 0L;
        foreach (var batch in await shards.BatchesAsync(stage, stop))
        {
            rows += (await ShardFile.ReadFooterAsync(site.Store, ShardNames.Uri(site.Run, stage, batch), stop))?.Rows ?? 0;
        }

        return rows;
    }

    private sealed record SplitRow(string SampleId, string Split);

    private sealed record VariantRow(string VariantId);
}

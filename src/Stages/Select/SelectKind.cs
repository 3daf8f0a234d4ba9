using System.Text.Json;
using Pipeline.Shards;
using Pipeline.Shards.Records;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Lineage;
using Pipeline.Stages.Runs.Plans;

namespace Pipeline.Stages.Select;

/// <summary>Chooses the edits of the augmented training set.</summary>
public sealed class SelectKind : WholeStageKind<SelectOptions>, IPlannedKind, ITracedKind
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <inheritdoc/>
    public override string Name => "select";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Reads => ["filter.verdict", "edit.variant", "ingest.label", "ingest.split"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Adds => [.. ShardRows.Fields<SelectedEdit>().Select(column => column.Name)];

    /// <inheritdoc/>
    protected override async Task<WholeResult> WorkAsync(SelectOptions options, StageSite site, CancellationToken stop)
    {
        var shards = new RunShards(site.Run.Store, site.Run.Run);
        var labels = new Dictionary<string, int>(StringComparer.Ordinal);
        var counts = new Dictionary<string, IReadOnlyDictionary<int, int>>(StringComparer.Ordinal)
        {
            ["train"] = new Dictionary<int, int>(),
        };
        await foreach (var (_, rows) in shards.ReadAllAsync<LabelRow>("ingest", stop))
        {
            foreach (var row in rows)
            {
                labels[row.SampleId] = row.Label;
                counts.TryAdd(row.Split, new Dictionary<int, int>());
                var split = (Dictionary<int, int>)counts[row.Split];
                split[row.Label] = split.GetValueOrDefault(row.Label) + 1;
            }
        }

        var candidates = new List<Candidate>();
        await foreach (var (batch, verdicts) in shards.ReadAllAsync<VerdictRow>("filter", stop))
        {
            var variants = (await shards.ReadAsync<VariantRow>("edit", batch, stop)).ToDictionary(
                row => row.VariantId,
                row => row.Variant,
                StringComparer.Ordinal
            );
            candidates.AddRange(
                verdicts.Select(row => new Candidate(
                    row.SampleId,
                    row.VariantId,
                    labels[row.SampleId],
                    variants[row.VariantId],
                    batch,
                    row.Verdict
                ))
            );
        }

        var result = EditSelection.Choose(candidates, options, (ulong)site.Run.Seed, counts);
        var footer = new ShardFooter
        {
            Stage = site.Definition.Name,
            Batch = 0,
            Fingerprint = site.Fingerprint,
            Seed = site.Run.Seed,
        };
        var shard = await ShardFile.WriteAsync(
            site.Run.Store,
            ShardNames.Uri(site.Run.Run, site.Definition.Name, 0),
            ShardRows.ToTable(result.Selected),
            footer,
            stop: stop
        );
        var summary = $"runs/{site.Run.Run}/{site.Definition.Name}/selection.json";
        await site.Run.Store.WriteAsync(
            summary,
            JsonSerializer.SerializeToUtf8Bytes(new SelectionSummary(result.Selected.Count, result.Dropped, result.Shortfalls), Indented),
            stop
        );
        return new WholeResult(result.Selected.Count, [shard.Uri, summary]);
    }

    /// <inheritdoc/>
    public async Task<LineageTrace?> TraceAsync(StageDefinition stage, LineageSubject subject, LineageShards shards, CancellationToken stop)
    {
        if (await shards.FindAsync(stage.Name, 0, stop) is not { } selection)
            return null;
        var times = selection.RowsOf(subject).Count;
        if (subject.VariantId is null || times > 0)
        {
            return new LineageTrace(
                subject.VariantId is null ? LineageState.Done : LineageState.Kept,
                null,
                new Dictionary<string, object?>(StringComparer.Ordinal) { ["selected"] = times }
            );
        }

        var source = new LineageSubject(subject.SampleId, null, subject.Uri, subject.Batch);
        if (
            await shards.FindAsync("filter", subject.Batch, stop) is not { } verdicts
            || await shards.FindAsync("edit", subject.Batch, stop) is not { } edits
        )
            return new LineageTrace(LineageState.NotReached);
        var candidates = verdicts.RowsOf(source).Select(row => CandidateAt(row, verdicts, edits, subject.Batch)).ToList();
        return candidates.Find(candidate => candidate.VariantId == subject.VariantId) is { } dropped
            ? new LineageTrace(LineageState.Dropped) with
            {
                Reason = EditSelection.ReasonOf(dropped, candidates, (SelectOptions)stage.Options, (ulong)shards.Run.Seed),
            }
            : new LineageTrace(LineageState.NotReached);
    }

    /// <summary>An edit as the reason for its choice looks at it; its class has no part in that.</summary>
    private static Candidate CandidateAt(int row, FoundShard verdicts, FoundShard edits, int batch)
    {
        var (sample, variant) = (verdicts.Table.Get<string>("sample_id")[row], verdicts.Table.Get<string>("variant_id")[row]);
        var edit = edits.RowsOf(new LineageSubject(sample, variant, null, batch))[0];
        var verdict = verdicts.Table.Get<string>("verdict")[row];
        return new Candidate(sample, variant, 0, edits.Table.Get<int>("variant")[edit], batch, verdict);
    }

    private sealed record LabelRow(string SampleId, int Label, string Split);

    private sealed record VerdictRow(string SampleId, string VariantId, string Verdict);

    private sealed record VariantRow(string VariantId, int Variant);

    /// <inheritdoc/>
    public StagePlan Plan(StageDefinition stage, PlanSite site)
    {
        const int RowBytes = 90; // two hashes
        var options = (SelectOptions)stage.Options;
        var rows = Math.Min(stage.After.Sum(before => site.Of(before).Rows), (long)site.Training * options.PerSource);
        return new StagePlan
        {
            Rows = rows,
            Bytes = rows * RowBytes,
            Basis = "as if every edit passed the filter",
        };
    }
}

/// <summary>What a selection came to. Lies in <c>selection.json</c> beside the select shard.</summary>
/// <param name="Selected">Edits chosen.</param>
/// <param name="Dropped">Edits not chosen, by reason.</param>
/// <param name="Shortfalls">Classes with fewer edits than their quota.</param>
public sealed record SelectionSummary(int Selected, IReadOnlyDictionary<string, int> Dropped, IReadOnlyList<Shortfall> Shortfalls);

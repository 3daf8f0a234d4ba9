using Pipeline.Shards;
using Pipeline.Shards.Records;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Lineage;
using Pipeline.Stages.Runs.Plans;

namespace Pipeline.Stages.Select;

/// <summary>Chooses the edits of the augmented training set.</summary>
public sealed class SelectKind : WholeStageKind<SelectOptions>, IPlannedKind, ITracedKind
{
    /// <inheritdoc/>
    public override string Name => "select";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Reads => ["filter.verdict", "edit.variant", "ingest.label", "ingest.split"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> OptionalReads =>
        [.. JudgedEdits.Judges.Select(judge => $"{judge}.verdict").Except(Reads, StringComparer.Ordinal)];

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

        var judged = new JudgedEdits(
            site.Run.Pipeline,
            site.Definition.Name,
            await LeftOutSamples.ReadAsync(shards, site.Run.Pipeline, site.Definition.Name, stop),
            (stage, batch, token) => ReadAsync(site.Run.Store, site.Run.Run, stage, batch, token),
            shards.FailedAsync
        );
        var candidates = new List<Candidate>();
        foreach (var batch in await shards.BatchesAsync(JudgedEdits.Maker, stop))
        {
            candidates.AddRange(await judged.OfBatchAsync(batch, sample => labels[sample], stop));
        }

        var result = EditSelection.Choose(candidates, options, (ulong)site.Run.Seed, counts);
        var facts = new SelectionSummary(result.Selected.Count, result.Dropped, result.Shortfalls);
        return await WriteAsync(site, result.Selected, "selection", facts, stop);
    }

    /// <inheritdoc/>
    public async Task<LineageTrace?> TraceAsync(
        StageDefinition stage,
        PipelineDefinition pipeline,
        LineageSubject subject,
        LineageShards shards,
        CancellationToken stop
    )
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

        if (subject.SampleId is not { } sample)
            return new LineageTrace(LineageState.NotReached);
        var judged = new JudgedEdits(
            pipeline,
            stage.Name,
            await LeftOutSamples.ReadAsync(shards.All, pipeline, stage.Name, stop),
            async (name, batch, token) => (await shards.FindAsync(name, batch, token))?.Table,
            shards.All.FailedAsync
        );
        var candidates = (await judged.OfBatchAsync(subject.Batch, _ => 0, stop)).Where(edit => edit.SampleId == sample).ToList();
        return candidates.Find(candidate => candidate.VariantId == subject.VariantId) is { } dropped
            ? new LineageTrace(LineageState.Dropped) with
            {
                Reason = EditSelection.ReasonOf(dropped, candidates, (SelectOptions)stage.Options, (ulong)shards.Run.Seed),
            }
            : new LineageTrace(LineageState.NotReached);
    }

    /// <summary>The columns that a choice looks at; null where the stage wrote no such shard.</summary>
    private static async Task<ShardTable?> ReadAsync(IShardStore store, string run, string stage, int batch, CancellationToken stop)
    {
        var uri = ShardNames.Uri(run, stage, batch);
        return await store.ExistsAsync(uri, stop) ? await ShardFile.ReadAsync(store, uri, Wanted, stop) : null;

        static IReadOnlyList<string> Wanted(IReadOnlyList<ShardField> fields) =>
            [.. fields.Select(field => field.Name).Where(name => name is "sample_id" or "variant_id" or "variant" or "verdict")];
    }

    private sealed record LabelRow(string SampleId, int Label, string Split);

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
            Basis = "as if every edit passed",
        };
    }
}

/// <summary>What a selection came to. Lies in <c>selection.json</c> beside the select shard.</summary>
/// <param name="Selected">Edits chosen.</param>
/// <param name="Dropped">Edits not chosen, by reason.</param>
/// <param name="Shortfalls">Classes with fewer edits than their quota.</param>
public sealed record SelectionSummary(int Selected, IReadOnlyDictionary<string, int> Dropped, IReadOnlyList<Shortfall> Shortfalls);

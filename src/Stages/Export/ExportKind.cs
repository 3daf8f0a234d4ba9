using System.Text.Json;
using Pipeline.Shards;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Lineage;
using Pipeline.Stages.Runs.Plans;

namespace Pipeline.Stages.Export;

/// <summary>Writes the augmented data set.</summary>
public sealed class ExportKind : WholeStageKind<ExportOptions>, IGatheringKind, IPlannedKind, ITracedKind
{
    private static readonly JsonSerializerOptions WithTuples = new() { IncludeFields = true };

    /// <inheritdoc/>
    public override string Name => "export";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Reads => ["ingest.label", "select.variant_id"];

    /// <inheritdoc/>
    public bool Gathers(StageDefinition stage) => stage.Kind is IRunnableKind { Form: StageForm.Rows };

    /// <inheritdoc/>
    protected override string Tells(StageSite site) => JsonSerializer.Serialize(RunFacts.Settings(site), WithTuples);

    /// <inheritdoc/>
    protected override async Task<WholeResult> WorkAsync(ExportOptions options, StageSite site, CancellationToken stop)
    {
        var shards = new RunShards(site.Run.Store, site.Run.Run);
        var selected = await shards.ReadAsync<SelectedRow>("select", 0, stop);
        var stages = site.Run.Pipeline.Stages.Where(Gathers).ToList();
        var editing = stages
            .Where(stage => stage.Kind.Adds.Contains("variant_id") && stage.Kind.Adds.Contains("image"))
            .Select(stage => stage.Name);
        var request = new ExportRequest
        {
            Shards = new StoredShards(site.Run.Store, site.Run.Run, await shards.BatchesAsync("ingest", stop)),
            InputRoot = site.Run.InputRoot,
            ClassNames = site.Run.ClassNames,
            Editing = [.. editing],
            Describing = [.. stages.Where(stage => !stage.Kind.Adds.Contains("image")).Select(stage => stage.Name)],
            Selected = [.. selected.Select(row => new ExportEdit(row.VariantId, row.Batch))],
            LeftOut = await LeftOutAsync(
                shards,
                stages.Where(stage => !stage.Kind.Adds.Contains("variant_id")).Select(stage => stage.Name),
                stop
            ),
            Dropped = await LeftOutSamples.ReadAsync(shards, site.Run.Pipeline, site.Definition.Name, stop),
            Facts = await RunFacts.OfAsync(site, shards, stop),
            Footer = new ShardFooter
            {
                Stage = site.Definition.Name,
                Batch = 0,
                Fingerprint = site.Fingerprint,
                Seed = site.Run.Seed,
            },
        };
        var result = await DataSetExporter.WriteAsync(request, options, site.Run.Store, stop);
        return new WholeResult(result.Originals.Values.Sum() + result.Edits, result.Uris);
    }

    /// <summary>Samples that a stage set aside, or whose batch failed in a stage that every sample passes.</summary>
    private static async Task<HashSet<string>> LeftOutAsync(RunShards shards, IEnumerable<string> stages, CancellationToken stop)
    {
        var left = new HashSet<string>(StringComparer.Ordinal);
        foreach (var stage in stages)
        {
            left.UnionWith(
                (await shards.QuarantineAsync(stage, stop)).Where(row => row.VariantId is null).Select(row => row.SampleId).OfType<string>()
            );
            foreach (var batch in await shards.FailedAsync(stage, stop))
            {
                left.UnionWith((await shards.ReadAsync<SampleRow>("ingest", batch, stop)).Select(row => row.SampleId));
            }
        }

        return left;
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
        var any = false;
        foreach (var uri in await shards.Store.ListAsync("augmented/", stop))
        {
            any = true;
            if (!uri.EndsWith(".parquet", StringComparison.Ordinal) || await shards.FindAsync(uri, stop) is not { } file)
                continue;
            var variants = file.Table.Get<string?>("variant_id");
            var rows = file.RowsOf(subject).Where(row => variants[row] == subject.VariantId).ToList();
            if (rows.Count > 0)
            {
                var values = new Dictionary<string, object?>(StringComparer.Ordinal) { ["file"] = uri, ["rows"] = rows };
                return new LineageTrace(LineageState.Kept, null, values);
            }
        }

        return any ? new LineageTrace(LineageState.NotReached) : null;
    }

    private sealed record SelectedRow(string VariantId, int Batch);

    private sealed record SampleRow(string SampleId);

    private sealed class StoredShards(IShardStore store, string run, IReadOnlyList<int> batches) : IRunShards
    {
        public IReadOnlyList<int> Batches => batches;

        public async Task<IReadOnlyList<ShardField>?> FieldsAsync(string stage, int batch, CancellationToken stop) =>
            await store.ExistsAsync(Uri(stage, batch), stop) ? await ShardFile.ReadSchemaAsync(store, Uri(stage, batch), stop) : null;

        public async Task<ShardTable?> ReadAsync(string stage, int batch, IReadOnlyList<string> columns, CancellationToken stop) =>
            await store.ExistsAsync(Uri(stage, batch), stop) ? await ShardFile.ReadAsync(store, Uri(stage, batch), columns, stop) : null;

        private string Uri(string stage, int batch) => ShardNames.Uri(run, stage, batch);
    }

    /// <inheritdoc/>
    public StagePlan Plan(StageDefinition stage, PlanSite site)
    {
        const int BytesPerSecond = 100_000_000; // read, Parquet and write, one core
        var kept = stage.After.Sum(before => site.Of(before).Rows);
        var edits = site.Pipeline.Stages.Where(other => other.Kind.Adds.Contains("image") && other.Kind.Adds.Contains("variant_id"));
        var size = edits.Select(other => site.Of(other.Name)).Where(plan => plan.Rows > 0).Sum(plan => (double)plan.Bytes / plan.Rows);
        var bytes = (site.Count * site.SampleBytes) + (kept * size);
        return new StagePlan
        {
            Rows = site.Count + kept,
            Bytes = (long)bytes,
            Work = TimeSpan.FromSeconds(bytes / BytesPerSecond),
            Basis = "the originals and every selected edit",
        };
    }
}

using Pipeline.Models.Quality;
using Pipeline.Shards;
using Pipeline.Shards.Records;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Lineage;
using Pipeline.Stages.Runs.Plans;
using Pipeline.Stages.Seeing;

namespace Pipeline.Stages.Giqa;

/// <summary>Ranks every edit by how near it lies to the training originals (KNN-GIQA, Gu et al. 2020).</summary>
/// <remarks>
/// <para>Reads the embeddings of originals and edits and the originals' splits; adds a rank and a verdict for each edit, and <c>giqa.json</c>, which names the features.</para>
/// <para>Repeats: the training originals are the references, in the order of their batches; all is computed from stored halves.</para>
/// <para>Failure: fewer than 100 training originals with an embedding fail the stage; a rank among so few says nothing.</para>
/// </remarks>
public sealed class GiqaKind : WholeStageKind<GiqaOptions>, IPlannedKind, ITracedKind
{
    private const string Keep = "keep";

    /// <inheritdoc/>
    public override string Name => "giqa";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Reads => ["ingest.split", "embed.embedding", "embed-edits.embedding"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Adds => [.. ShardRows.Fields<GiqaRow>().Select(column => column.Name)];

    /// <inheritdoc/>
    public override IEnumerable<string> Disagreements(StageDefinition stage, PipelineDefinition pipeline) =>
        EncoderAgreement.Faults(stage, pipeline);

    /// <inheritdoc/>
    protected override async Task<WholeResult> WorkAsync(GiqaOptions options, StageSite site, CancellationToken stop)
    {
        var shards = new RunShards(site.Run.Store, site.Run.Run);
        var references = await ReferencesAsync(shards, stop);
        var model = site.Run.Pipeline.Find("embed")?.Options.Models.FirstOrDefault() ?? "embed";
        var giqa = new KnnGiqa(model, references, options.Neighbours);
        var rows = new List<GiqaRow>();
        await foreach (var (batch, edits) in shards.ReadAllAsync<EditRow>("embed-edits", stop))
        {
            var scores = giqa.ScoreAll([.. edits.Select(edit => StoredEmbedding.Unit(edit.Embedding))], stop);
            rows.AddRange(edits.Zip(scores, (edit, score) => Row(edit, batch, score, giqa.Percentile(score), options)));
        }

        var facts = new GiqaSummary(model, references[0].Length, references.Count, options.Neighbours, rows.Count);
        return await WriteAsync(site, rows, "giqa", facts, stop);
    }

    private static GiqaRow Row(EditRow edit, int batch, float score, float percentile, GiqaOptions options) =>
        new(edit.SampleId, edit.VariantId, batch, percentile < (float?)options.MinPercentile ? "low_rank" : Keep, percentile, score);

    private static async Task<List<float[]>> ReferencesAsync(RunShards shards, CancellationToken stop)
    {
        var references = new List<float[]>();
        await foreach (var (batch, rows) in shards.ReadAllAsync<OriginalRow>("embed", stop))
        {
            var training = (await shards.ReadAsync<SplitRow>("ingest", batch, stop))
                .Where(row => row.Split == "train")
                .Select(row => row.SampleId)
                .ToHashSet(StringComparer.Ordinal);
            references.AddRange(rows.Where(row => training.Contains(row.SampleId)).Select(row => StoredEmbedding.Unit(row.Embedding)));
        }

        return references;
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
        if (await shards.FindAsync(stage.Name, 0, stop) is not { } found)
            return null;
        var rows = subject.VariantId is null ? [] : found.RowsOf(subject);
        return rows.Count == 0 ? new LineageTrace(LineageState.Done) : new LineageTrace(LineageState.Done, null, found.Values(rows[0]));
    }

    /// <inheritdoc/>
    public StagePlan Plan(StageDefinition stage, PlanSite site)
    {
        const int RowBytes = 80; // two hashes and two numbers
        var edits = site.Of("embed-edits").Rows;
        return new StagePlan
        {
            Rows = edits,
            Bytes = edits * RowBytes,
            Basis = "not measured ahead",
        };
    }

    private sealed record OriginalRow(string SampleId, Half[] Embedding);

    private sealed record SplitRow(string SampleId, string Split);

    private sealed record EditRow(string SampleId, string VariantId, Half[] Embedding);
}

/// <summary>One row of the giqa shard: an edit's rank.</summary>
/// <param name="SampleId">Its source.</param>
/// <param name="VariantId">The edit.</param>
/// <param name="Batch">Index of the edit's shard.</param>
/// <param name="Verdict"><c>keep</c> or <c>low_rank</c>.</param>
/// <param name="Percentile">Share of the originals' own scores that lie below, 0 to 100: the rank, which alone means something.</param>
/// <param name="Score">Sum of one over the distance to each neighbour; comparable within one run alone.</param>
public sealed record GiqaRow(string SampleId, string VariantId, int Batch, string Verdict, float Percentile, float Score);

/// <summary>What the ranks rest on. Lies in <c>giqa.json</c> beside the shard.</summary>
/// <param name="Features">The encoder whose embeddings were compared.</param>
/// <param name="Dimension">Values of one, stored as halves.</param>
/// <param name="References">Training originals that edits were compared with.</param>
/// <param name="Neighbours">Nearest references that counted.</param>
/// <param name="Edits">Edits that were ranked.</param>
public sealed record GiqaSummary(string Features, int Dimension, int References, int Neighbours, int Edits);

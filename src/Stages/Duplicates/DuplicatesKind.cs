using Pipeline.Shards;
using Pipeline.Shards.Records;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Lineage;
using Pipeline.Stages.Runs.Plans;
using Pipeline.Stages.Seeing;

namespace Pipeline.Stages.Duplicates;

/// <summary>Finds images that look alike over the whole run, and leaves out what training would share with other splits.</summary>
/// <remarks>
/// <para>Reads the hashes of originals and, where they are upstream, of edits, and embeddings where there are; adds a row for each image that looks like another one, and <c>duplicates.json</c>.</para>
/// <para>Repeats: the result does not depend on the order of images or of pairs.</para>
/// <para>Failure: what no stage before could hash was set aside there and is not compared.</para>
/// </remarks>
public sealed class DuplicatesKind : WholeStageKind<DuplicatesOptions>, ISampleJudge, IPlannedKind, ITracedKind
{
    private const string Hash = "hash";
    private const string HashEdits = "hash-edits";
    private const string Embed = "embed";
    private const string EmbedEdits = "embed-edits";

    /// <inheritdoc/>
    public override string Name => "duplicates";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Reads => ["ingest.split", $"{Hash}.hash"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> OptionalReads => [$"{HashEdits}.hash", $"{Embed}.embedding", $"{EmbedEdits}.embedding"];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Adds => [.. ShardRows.Fields<DuplicateRow>().Select(column => column.Name)];

    /// <inheritdoc/>
    public override IEnumerable<string> Disagreements(StageDefinition stage, PipelineDefinition pipeline) =>
        EncoderAgreement.Faults(stage, pipeline);

    /// <inheritdoc/>
    protected override async Task<WholeResult> WorkAsync(DuplicatesOptions options, StageSite site, CancellationToken stop)
    {
        var shards = new RunShards(site.Run.Store, site.Run.Run);
        var upstream = site.Run.Pipeline.Upstream(site.Definition.Name).ToHashSet(StringComparer.Ordinal);
        var images = new List<SoughtImage>();
        await foreach (var (batch, rows) in shards.ReadAllAsync<SplitRow>("ingest", stop))
        {
            var splits = rows.ToDictionary(row => row.SampleId, row => row.Split, StringComparer.Ordinal);
            await AddAsync(images, shards, Hash, upstream.Contains(Embed) ? Embed : null, batch, splits, stop);
            if (upstream.Contains(HashEdits))
            {
                await AddAsync(images, shards, HashEdits, upstream.Contains(EmbedEdits) ? EmbedEdits : null, batch, splits, stop);
            }
        }

        var (found, summary) = DuplicateSearch.Find(images, options, stop);
        return await WriteAsync(site, found, "duplicates", summary, stop);
    }

    private static async Task AddAsync(
        List<SoughtImage> images,
        RunShards shards,
        string hashes,
        string? embeddings,
        int batch,
        Dictionary<string, string> splits,
        CancellationToken stop
    )
    {
        if (!await shards.HasAsync(hashes, batch, stop))
        {
            return;
        }

        var embedded =
            embeddings is not null && await shards.HasAsync(embeddings, batch, stop)
                ? (await shards.ReadAsync<EmbeddedRow>(embeddings, batch, stop)).ToDictionary(
                    row => row.VariantId ?? row.SampleId,
                    row => row.Embedding,
                    StringComparer.Ordinal
                )
                : [];
        images.AddRange(
            (await shards.ReadAsync<HashedRow>(hashes, batch, stop)).Select(row => new SoughtImage(
                row.SampleId,
                row.VariantId,
                splits[row.SampleId],
                unchecked((ulong)row.Hash),
                embedded.GetValueOrDefault(row.VariantId ?? row.SampleId)
            ))
        );
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
        var variants = found.Table.Get<string?>("variant_id");
        var rows = found.RowsOf(subject).Where(row => variants[row] == subject.VariantId).ToList();
        if (rows.Count == 0)
            return new LineageTrace(LineageState.Done);
        var values = found.Values(rows[0]);
        return values["verdict"] is string verdict and not "keep"
            ? new LineageTrace(LineageState.Dropped, verdict, values)
            : new LineageTrace(LineageState.Done, null, values);
    }

    /// <inheritdoc/>
    public StagePlan Plan(StageDefinition stage, PlanSite site) =>
        new()
        {
            Rows = 0,
            Bytes = 0,
            Basis = "as if no image looked like another",
        };

    private sealed record SplitRow(string SampleId, string Split);

    private sealed record HashedRow(string SampleId, string? VariantId, long Hash);

    private sealed record EmbeddedRow(string SampleId, string? VariantId, Half[] Embedding);
}

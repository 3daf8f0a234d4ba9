using System.Text.Json;
using Pipeline.Sdk;
using Pipeline.Shards;
using Pipeline.Shards.Records;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Runs;

/// <summary>A kind of stage that works once over the whole run, when the stages that it follows are drained.</summary>
/// <typeparam name="TOptions">Its settings.</typeparam>
public abstract class WholeStageKind<TOptions> : IRunnableKind
    where TOptions : class, IStageOptions
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public Type Options => typeof(TOptions);

    /// <inheritdoc/>
    public virtual int Version => 1;

    /// <inheritdoc/>
    public string? Makes => null;

    /// <inheritdoc/>
    public IReadOnlyList<string> Needs => [];

    /// <inheritdoc/>
    public virtual IReadOnlyList<string> Reads => [];

    /// <inheritdoc/>
    public virtual IReadOnlyList<string> OptionalReads => [];

    /// <inheritdoc/>
    public virtual IReadOnlyList<string> Adds => [];

    /// <inheritdoc/>
    public virtual IEnumerable<string> Disagreements(StageDefinition stage, PipelineDefinition pipeline) => [];

    /// <inheritdoc/>
    public StageForm Form => StageForm.Whole;

    /// <inheritdoc/>
    public IEnumerable<string> Bindings(StageDefinition stage) => WholeStageRunner.Bindings(stage);

    /// <inheritdoc/>
    public IStageRunner Create(StageSite site) =>
        new WholeStageRunner(site, () => Tells(site), stop => WorkAsync(site.Options<TOptions>(), site, stop));

    /// <summary>
    /// What the work tells people of besides what it computes from, such as other stages' settings: when it changes, the work is done again.
    /// </summary>
    protected virtual string Tells(StageSite site) => "";

    /// <summary>Writes the stage's one shard, and beside it facts about the whole as <c>{name}.json</c>.</summary>
    /// <typeparam name="TRow">The shard's row.</typeparam>
    /// <typeparam name="TFacts">What is told besides.</typeparam>
    protected static async Task<WholeResult> WriteAsync<TRow, TFacts>(
        StageSite site,
        IReadOnlyList<TRow> rows,
        string name,
        TFacts facts,
        CancellationToken stop
    )
        where TRow : class
    {
        var (run, stage) = (site.Run, site.Definition.Name);
        var footer = new ShardFooter
        {
            Stage = stage,
            Batch = 0,
            Fingerprint = site.Fingerprint,
            Seed = run.Seed,
        };
        var shard = await ShardFile.WriteAsync(run.Store, ShardNames.Uri(run.Run, stage, 0), ShardRows.ToTable(rows), footer, stop: stop);
        var uri = $"runs/{run.Run}/{stage}/{name}.json";
        await run.Store.WriteAsync(uri, JsonSerializer.SerializeToUtf8Bytes(facts, Indented), stop);
        return new WholeResult(rows.Count, [shard.Uri, uri]);
    }

    /// <summary>Does the work, safe to do twice; all that it writes is determined by its options, the seed and what the stages before it wrote.</summary>
    protected abstract Task<WholeResult> WorkAsync(TOptions options, StageSite site, CancellationToken stop);
}

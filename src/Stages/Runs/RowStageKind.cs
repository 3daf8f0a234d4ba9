using Pipeline.Sdk;
using Pipeline.Shards;
using Pipeline.Shards.Records;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Ingest;
using Pipeline.Stages.Isolation;
using Pipeline.Stages.Isolation.Serving;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Runs;

/// <summary>A kind of stage that works through rows: most are.</summary>
/// <typeparam name="TOptions">Its settings.</typeparam>
/// <typeparam name="TIn">The row that it reads.</typeparam>
/// <typeparam name="TItem">What its model is given.</typeparam>
/// <typeparam name="TResult">What its model gives back.</typeparam>
/// <typeparam name="TOut">The row that it writes.</typeparam>
public abstract class RowStageKind<TOptions, TIn, TItem, TResult, TOut> : IRunnableKind, IIsolatedKind
    where TOptions : class, IStageOptions
    where TIn : class, ISampleRow
    where TOut : class
{
    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public Type Options => typeof(TOptions);

    /// <inheritdoc/>
    public abstract int Version { get; }

    /// <inheritdoc/>
    public string? Makes => null;

    /// <inheritdoc/>
    public virtual IReadOnlyList<string> Needs => [];

    /// <inheritdoc/>
    public IReadOnlyList<string> Reads => RowReader<TIn>.Reads;

    /// <inheritdoc/>
    public IReadOnlyList<string> OptionalReads => RowReader<TIn>.OptionalReads;

    /// <inheritdoc/>
    public IReadOnlyList<string> Adds => [.. ShardRows.Fields<TOut>().Select(column => column.Name)];

    /// <inheritdoc/>
    public IReadOnlyList<ShardField> ReadTypes => RowReader<TIn>.Types;

    /// <inheritdoc/>
    public IReadOnlyList<ShardField> AddTypes => ShardRows.Fields<TOut>();

    /// <inheritdoc/>
    public virtual IEnumerable<string> Disagreements(StageDefinition stage, PipelineDefinition pipeline) => [];

    /// <inheritdoc/>
    public StageForm Form => StageForm.Rows;

    /// <inheritdoc/>
    public IEnumerable<string> Bindings(StageDefinition stage) => [Messages.RoutingKey.Replay(stage.Name)];

    /// <inheritdoc/>
    public IStageRunner Create(StageSite site) =>
        site.Precautions.Isolated
            ? ChildStageRunner.Of(site)
            : new RowStageRunner<TIn, TItem, TResult, TOut>(site, other => Build(other.Options<TOptions>(), other));

    /// <inheritdoc/>
    public Func<IsolatedItem, CancellationToken, Task<IsolatedAnswer>> Isolate(StageSite site) =>
        new IsolatedStage<TIn, TItem, TResult, TOut>(Build(site.Options<TOptions>(), site).Stage, site).TryAsync;

    /// <summary>Makes the stage and says how its graph is cut.</summary>
    protected abstract (IStage<TIn, TItem, TResult, TOut> Stage, FlowOptions Flow) Build(TOptions options, StageSite site);

    /// <summary>Samples in a batch of the run, at the most.</summary>
    protected static int BatchRows(StageSite site) =>
        site.Run.Pipeline.Stages.Select(stage => stage.Options).OfType<IngestOptions>().First().Batch;
}

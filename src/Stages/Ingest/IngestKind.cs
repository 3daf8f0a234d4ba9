using Pipeline.Shards.Records;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Ingest;

/// <summary>Lists the input and cuts it into batches.</summary>
public sealed class IngestKind : IRunnableKind
{
    /// <inheritdoc/>
    public string Name => "ingest";

    /// <inheritdoc/>
    public Type Options => typeof(IngestOptions);

    /// <inheritdoc/>
    public int Version => 1;

    /// <inheritdoc/>
    public string? Makes => null;

    /// <inheritdoc/>
    public IReadOnlyList<string> Needs => [];

    /// <inheritdoc/>
    public IReadOnlyList<string> Reads => [];

    /// <inheritdoc/>
    public IReadOnlyList<string> Adds => [.. ShardRows.Fields<IngestRow>().Select(column => column.Name)];

    /// <inheritdoc/>
    public StageForm Form => StageForm.Source;

    /// <inheritdoc/>
    public IEnumerable<string> Bindings(StageDefinition stage) => [];

    /// <inheritdoc/>
    public IStageRunner Create(StageSite site) => new IngestRunner(site);
}

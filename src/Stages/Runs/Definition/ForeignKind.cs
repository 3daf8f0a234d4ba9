using Pipeline.Shards;

namespace Pipeline.Stages.Runs.Definition;

/// <summary>A kind of stage of which this process has only the manifest: it understands pipelines that name it, and leaves serving it to others.</summary>
/// <param name="manifest">What the kind is.</param>
public sealed class ForeignKind(StageManifest manifest) : IRunnableKind
{
    /// <summary>What the kind is.</summary>
    public StageManifest Manifest => manifest;

    /// <inheritdoc/>
    public string Name => manifest.Name;

    /// <inheritdoc/>
    public Type Options => typeof(ForeignOptions);

    /// <inheritdoc/>
    public int Version => manifest.Version;

    /// <inheritdoc/>
    public string? Makes => null;

    /// <inheritdoc/>
    public IReadOnlyList<string> Needs => manifest.Needs;

    /// <inheritdoc/>
    public IReadOnlyList<string> Reads => [.. manifest.Reads.Select(column => column.Name)];

    /// <inheritdoc/>
    public IReadOnlyList<string> OptionalReads => [.. (manifest.OptionalReads ?? []).Select(column => column.Name)];

    /// <inheritdoc/>
    public IReadOnlyList<string> Adds => [.. manifest.Adds.Select(column => column.Name)];

    /// <inheritdoc/>
    public IReadOnlyList<ShardField> ReadTypes => [.. manifest.Reads, .. manifest.OptionalReads ?? []];

    /// <inheritdoc/>
    public IReadOnlyList<ShardField> AddTypes => manifest.Adds;

    /// <inheritdoc/>
    public StageForm Form => StageForm.Rows;

    /// <inheritdoc/>
    public IEnumerable<string> Bindings(StageDefinition stage) => [Messages.RoutingKey.Replay(stage.Name)];

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">Always: whoever would serve the stage must look at its kind first.</exception>
    public IStageRunner Create(StageSite site) =>
        throw new InvalidOperationException(
            $"The kind {Name} of the stage {site.Definition.Name} is known by its manifest alone; it must be loaded to be served. "
                + "Name the folder of its plugin by --plugins, or serve it by its own program."
        );
}

using Pipeline.Messages;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Plans;

namespace Pipeline.Stages.Describe;

/// <summary>Describes the domains of a data set from its captions.</summary>
public sealed class DescribeKind : IRunnableKind, IPlannedKind
{
    /// <inheritdoc/>
    public string Name => "describe";

    /// <inheritdoc/>
    public Type Options => typeof(DescribeOptions);

    /// <inheritdoc/>
    public int Version => 1;

    /// <inheritdoc/>
    public string? Makes => "domains";

    /// <inheritdoc/>
    public IReadOnlyList<string> Needs => [];

    /// <inheritdoc/>
    public IReadOnlyList<string> Reads => ["ingest.split", "caption.caption"];

    /// <inheritdoc/>
    public IReadOnlyList<string> Adds => [];

    /// <inheritdoc/>
    public StageForm Form => StageForm.Artifact;

    /// <inheritdoc/>
    public IEnumerable<string> Bindings(StageDefinition stage) =>
        stage
            .After.SelectMany(after => new[] { $"*.{after}", RoutingKey.Event(nameof(StageDrained), after) })
            .Append(RoutingKey.Event(nameof(BatchFailed), "#"));

    /// <inheritdoc/>
    public IStageRunner Create(StageSite site) => new DescribeRunner(site);

    /// <inheritdoc/>
    public StagePlan Plan(StageDefinition stage, PlanSite site)
    {
        var options = (DescribeOptions)stage.Options;
        return new StagePlan
        {
            Rows = options.Limit,
            Bytes = 1000,
            Basis = $"{options.Limit} descriptions, the most that {stage.Name}.limit lets it give",
            Models = [new ModelUse(options.Backend, null, "built in")],
        };
    }
}

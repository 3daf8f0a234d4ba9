using Pipeline.Messages;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Plans;

namespace Pipeline.Stages.Train;

/// <summary>Trains classifiers without and with the kept edits.</summary>
public sealed class TrainKind : IRunnableKind, IPlannedKind
{
    /// <inheritdoc/>
    public string Name => "train";

    /// <inheritdoc/>
    public Type Options => typeof(TrainOptions);

    /// <inheritdoc/>
    public int Version => 1;

    /// <inheritdoc/>
    public string? Makes => "base-classifier";

    /// <inheritdoc/>
    public IReadOnlyList<string> Needs => [];

    /// <inheritdoc/>
    public IReadOnlyList<string> Reads => ["ingest.label", "ingest.split", "ingest.group"];

    /// <inheritdoc/>
    public IReadOnlyList<string> Adds => [];

    /// <inheritdoc/>
    public StageForm Form => StageForm.Whole;

    /// <inheritdoc/>
    public IEnumerable<string> Bindings(StageDefinition stage) =>
        WholeStageRunner.Bindings(stage).Append(RoutingKey.Event(nameof(TrainEpoch), stage.Name));

    /// <inheritdoc/>
    public IStageRunner Create(StageSite site) => new TrainRunner(site);

    /// <inheritdoc/>
    public StagePlan Plan(StageDefinition stage, PlanSite site) => TrainForecast.Of((TrainOptions)stage.Options, stage, site);

    /// <inheritdoc/>
    public TimeSpan ArtifactUse(StageDefinition stage, PlanSite site) => TrainForecast.Forward((TrainOptions)stage.Options, site);
}

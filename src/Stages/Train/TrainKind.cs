using Pipeline.Messages;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Lineage;
using Pipeline.Stages.Runs.Plans;

namespace Pipeline.Stages.Train;

/// <summary>Trains classifiers without and with the kept edits.</summary>
public sealed class TrainKind : IRunnableKind, IPlannedKind, ITracedKind
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
        [
            .. stage
                .After.Concat([TrainingSources.Originals, TrainingSources.KeptEdits])
                .Distinct(StringComparer.Ordinal)
                .Select(before => RoutingKey.Event(nameof(StageDrained), before)),
            RoutingKey.Event(nameof(TrainEpoch), stage.Name),
        ];

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">Kept edits are to be trained on, and the pipeline selects none.</exception>
    public IStageRunner Create(StageSite site)
    {
        var name = site.Definition.Name;
        return
            site.Options<TrainOptions>().Trainings.Contains(TrainingNames.OriginalAndKept)
            && site.Run.Pipeline.Stages.All(stage => stage.Name != TrainingSources.KeptEdits)
            ? throw new InvalidDataException(
                $"{name}.trainings has {TrainingNames.OriginalAndKept}, and the pipeline has no stage {TrainingSources.KeptEdits}; it must have one. "
                    + $"Add edit, filter and select, or set {name}.trainings=[{TrainingNames.Original}]."
            )
            : new TrainRunner(site);
    }

    /// <inheritdoc/>
    public async Task<LineageTrace?> TraceAsync(
        StageDefinition stage,
        PipelineDefinition pipeline,
        LineageSubject subject,
        LineageShards shards,
        CancellationToken stop
    ) => await shards.Store.ExistsAsync("report/metrics.json", stop) ? new LineageTrace(LineageState.Done) : null;

    /// <inheritdoc/>
    public StagePlan Plan(StageDefinition stage, PlanSite site) => TrainForecast.Of((TrainOptions)stage.Options, stage, site);

    /// <inheritdoc/>
    public TimeSpan ArtifactUse(StageDefinition stage, PlanSite site) => TrainForecast.Forward((TrainOptions)stage.Options, site);
}

using Pipeline.Models.Semantic;
using Pipeline.Sdk;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Plans;
using Pipeline.Stages.Seeing;

namespace Pipeline.Stages.Semantic;

/// <summary>Judges edits by what they show.</summary>
public sealed class SemanticKind : RowStageKind<SemanticOptions, SemanticInput, SeenEdit, SeenMeaning, SemanticRow>, IPlannedKind
{
    private const int RowBytes = 70; // two hashes, a verdict and four numbers
    private readonly OpenEncoder open;

    /// <summary>With encoders from the run's models.</summary>
    public SemanticKind()
        : this(Encoders.Open) { }

    internal SemanticKind(OpenEncoder open) => this.open = open;

    /// <inheritdoc/>
    public override string Name => "semantic";

    /// <inheritdoc/>
    public override int Version => 1;

    /// <inheritdoc/>
    public override IEnumerable<string> Disagreements(StageDefinition stage, PipelineDefinition pipeline) =>
        EncoderAgreement.Faults(stage, pipeline);

    /// <inheritdoc/>
    protected override (IStage<SemanticInput, SeenEdit, SeenMeaning, SemanticRow> Stage, FlowOptions Flow) Build(
        SemanticOptions options,
        StageSite site
    ) =>
        (
            new SemanticStage(open(site, options), options, site.Run.InputRoot),
            FlowOptions.Of(options.CallSize, Environment.ProcessorCount, 1, BatchRows(site))
        );

    /// <inheritdoc/>
    public StagePlan Plan(StageDefinition stage, PlanSite site) => StagePlan.PassThrough(stage, site, RowBytes);
}

/// <summary>Holds the originals against the semantic filter's rule.</summary>
public sealed class SemanticOriginalsKind
    : RowStageKind<SemanticOriginalsOptions, SemanticOriginal, SeenImage, SemanticJudgement, SemanticOriginalRow>,
        IPlannedKind
{
    private const int RowBytes = 40; // a hash and two numbers
    private readonly OpenEncoder open;

    /// <summary>With encoders from the run's models.</summary>
    public SemanticOriginalsKind()
        : this(Encoders.Open) { }

    internal SemanticOriginalsKind(OpenEncoder open) => this.open = open;

    /// <inheritdoc/>
    public override string Name => "semantic-originals";

    /// <inheritdoc/>
    public override int Version => 1;

    /// <inheritdoc/>
    public override IEnumerable<string> Disagreements(StageDefinition stage, PipelineDefinition pipeline) =>
        EncoderAgreement.Faults(stage, pipeline);

    /// <inheritdoc/>
    protected override (IStage<SemanticOriginal, SeenImage, SemanticJudgement, SemanticOriginalRow> Stage, FlowOptions Flow) Build(
        SemanticOriginalsOptions options,
        StageSite site
    ) =>
        (
            new SemanticOriginalsStage(
                open(site, options),
                SemanticPrompts.Of(options.Preset, options.Tasks, options.Negatives),
                site.Run.InputRoot
            ),
            FlowOptions.Of(options.CallSize, Environment.ProcessorCount, 1, BatchRows(site))
        );

    /// <inheritdoc/>
    public StagePlan Plan(StageDefinition stage, PlanSite site) => StagePlan.PassThrough(stage, site, RowBytes);
}

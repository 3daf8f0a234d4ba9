using Pipeline.Models;
using Pipeline.Sdk;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Plans;
using Pipeline.Stages.Seeing;

namespace Pipeline.Stages.Safety;

/// <summary>Checks edits; a flagged one is never selected.</summary>
public sealed class SafetyKind : RowStageKind<SafetyOptions, CheckedEdit, float[], SafetyVerdict, SafetyRow>, IPlannedKind, ISafetyKind
{
    internal const string Keep = "keep";
    internal const string Unsafe = "unsafe";
    private const int RowBytes = 60; // two hashes and a verdict
    private readonly OpenChecker open;

    /// <summary>With checkers from the run's models.</summary>
    public SafetyKind()
        : this(Checkers.Open) { }

    internal SafetyKind(OpenChecker open) => this.open = open;

    /// <inheritdoc/>
    public override string Name => "safety";

    /// <inheritdoc/>
    public override int Version => 1;

    /// <inheritdoc/>
    public CheckerChoice Choice(StageDefinition stage) => ((SafetyOptions)stage.Options).Choice;

    /// <inheritdoc/>
    protected override (IStage<CheckedEdit, float[], SafetyVerdict, SafetyRow> Stage, FlowOptions Flow) Build(
        SafetyOptions options,
        StageSite site
    ) =>
        (
            new SafetyStage<CheckedEdit, SafetyRow>(
                open(site, options.Choice),
                row => row.Image,
                (item, verdict) =>
                    new SafetyRow(item.SampleId, item.VariantId ?? "", verdict.IsFlagged ? Unsafe : Keep, verdict.Score, verdict.Reason)
            ),
            FlowOptions.Of(options.CallSize, Environment.ProcessorCount, 1, BatchRows(site))
        );

    /// <inheritdoc/>
    public StagePlan Plan(StageDefinition stage, PlanSite site) => StagePlan.PassThrough(stage, site, RowBytes);
}

/// <summary>Checks originals, so that flag rates of edits have something to be read against.</summary>
public sealed class SafetyOriginalsKind
    : RowStageKind<SafetyOriginalsOptions, IngestedImage, float[], SafetyVerdict, OriginalSafetyRow>,
        IPlannedKind,
        ISampleJudge
{
    private const int RowBytes = 40; // a hash and a verdict
    private readonly OpenChecker open;

    /// <summary>With checkers from the run's models.</summary>
    public SafetyOriginalsKind()
        : this(Checkers.Open) { }

    internal SafetyOriginalsKind(OpenChecker open) => this.open = open;

    /// <inheritdoc/>
    public override string Name => "safety-originals";

    /// <inheritdoc/>
    public override int Version => 1;

    /// <inheritdoc/>
    protected override (IStage<IngestedImage, float[], SafetyVerdict, OriginalSafetyRow> Stage, FlowOptions Flow) Build(
        SafetyOriginalsOptions options,
        StageSite site
    )
    {
        var root = site.Run.InputRoot;
        return (
            new SafetyStage<IngestedImage, OriginalSafetyRow>(
                open(site, options.Choice),
                row => SampleBytes.Read(root, row),
                (item, verdict) =>
                    new OriginalSafetyRow(
                        item.SampleId,
                        verdict.IsFlagged,
                        verdict.IsFlagged && options.Drop ? SafetyKind.Unsafe : SafetyKind.Keep,
                        verdict.Score,
                        verdict.Reason
                    )
            ),
            FlowOptions.Of(options.CallSize, Environment.ProcessorCount, 1, BatchRows(site))
        );
    }

    /// <inheritdoc/>
    public StagePlan Plan(StageDefinition stage, PlanSite site) => StagePlan.PassThrough(stage, site, RowBytes);
}

using Pipeline.Sdk;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Plans;

namespace Pipeline.Stages.Hash;

/// <summary>Hashes the originals.</summary>
public sealed class HashKind : RowStageKind<HashOptions, IngestedImage, long, long, HashRow>, IPlannedKind
{
    private const int RowBytes = 42; // a hash of the sample and one of the picture
    private const int CallSize = 64; // a call is nothing but a hand-over

    /// <inheritdoc/>
    public override string Name => "hash";

    /// <inheritdoc/>
    public override int Version => 1;

    /// <inheritdoc/>
    protected override (IStage<IngestedImage, long, long, HashRow> Stage, FlowOptions Flow) Build(HashOptions options, StageSite site)
    {
        var root = site.Run.InputRoot;
        var workers = options.Workers == 0 ? Environment.ProcessorCount : options.Workers;
        return (
            new HashStage<IngestedImage, HashRow>(row => SampleBytes.Read(root, row), item => new HashRow(item.SampleId, item.Value)),
            FlowOptions.Of(CallSize, workers, 1, BatchRows(site))
        );
    }

    /// <inheritdoc/>
    public StagePlan Plan(StageDefinition stage, PlanSite site) => StagePlan.PassThrough(stage, site, RowBytes);
}

/// <summary>Hashes the edits.</summary>
public sealed class HashEditsKind : RowStageKind<HashOptions, HashedEdit, long, long, EditHashRow>, IPlannedKind
{
    private const int RowBytes = 80; // hashes of sample, variant and picture
    private const int CallSize = 64; // a call is nothing but a hand-over

    /// <inheritdoc/>
    public override string Name => "hash-edits";

    /// <inheritdoc/>
    public override int Version => 1;

    /// <inheritdoc/>
    protected override (IStage<HashedEdit, long, long, EditHashRow> Stage, FlowOptions Flow) Build(HashOptions options, StageSite site) =>
        (
            new HashStage<HashedEdit, EditHashRow>(
                row => row.Image,
                item => new EditHashRow(item.SampleId, item.VariantId ?? "", item.Value)
            ),
            FlowOptions.Of(CallSize, options.Workers == 0 ? Environment.ProcessorCount : options.Workers, 1, BatchRows(site))
        );

    /// <inheritdoc/>
    public StagePlan Plan(StageDefinition stage, PlanSite site) => StagePlan.PassThrough(stage, site, RowBytes);
}

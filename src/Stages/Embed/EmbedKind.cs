using Pipeline.Sdk;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Plans;
using Pipeline.Stages.Seeing;

namespace Pipeline.Stages.Embed;

/// <summary>Embeds the originals.</summary>
public sealed class EmbedKind : RowStageKind<EmbedOptions, IngestedImage, float[], Half[], EmbeddingRow>, IPlannedKind
{
    private readonly OpenEncoder open;

    /// <summary>With encoders from the run's models.</summary>
    public EmbedKind()
        : this(Encoders.Open) { }

    internal EmbedKind(OpenEncoder open) => this.open = open;

    /// <inheritdoc/>
    public override string Name => "embed";

    /// <inheritdoc/>
    public override int Version => 1;

    /// <inheritdoc/>
    protected override (IStage<IngestedImage, float[], Half[], EmbeddingRow> Stage, FlowOptions Flow) Build(
        EmbedOptions options,
        StageSite site
    )
    {
        var root = site.Run.InputRoot;
        return (
            new EmbedStage<IngestedImage, EmbeddingRow>(
                open(site, options),
                row => SampleBytes.Read(root, row),
                (item, embedding) => new EmbeddingRow(item.SampleId, embedding)
            ),
            FlowOptions.Of(options.CallSize, options.Workers == 0 ? Environment.ProcessorCount : options.Workers, 1, BatchRows(site))
        );
    }

    /// <inheritdoc/>
    public StagePlan Plan(StageDefinition stage, PlanSite site) => StagePlan.PassThrough(stage, site, EmbeddingBytes);

    private const int EmbeddingBytes = 1740; // 768 halves as they lie in a file, and a hash
}

/// <summary>Embeds the edits.</summary>
public sealed class EmbedEditsKind : RowStageKind<EmbedOptions, EditImage, float[], Half[], EditEmbeddingRow>, IPlannedKind
{
    private readonly OpenEncoder open;

    /// <summary>With encoders from the run's models.</summary>
    public EmbedEditsKind()
        : this(Encoders.Open) { }

    internal EmbedEditsKind(OpenEncoder open) => this.open = open;

    /// <inheritdoc/>
    public override string Name => "embed-edits";

    /// <inheritdoc/>
    public override int Version => 1;

    /// <inheritdoc/>
    protected override (IStage<EditImage, float[], Half[], EditEmbeddingRow> Stage, FlowOptions Flow) Build(
        EmbedOptions options,
        StageSite site
    ) =>
        (
            new EmbedStage<EditImage, EditEmbeddingRow>(
                open(site, options),
                row => row.Image,
                (item, embedding) => new EditEmbeddingRow(item.SampleId, item.VariantId ?? "", embedding)
            ),
            FlowOptions.Of(options.CallSize, options.Workers == 0 ? Environment.ProcessorCount : options.Workers, 1, BatchRows(site))
        );

    /// <inheritdoc/>
    public StagePlan Plan(StageDefinition stage, PlanSite site) => StagePlan.PassThrough(stage, site, EmbeddingBytes);

    private const int EmbeddingBytes = 1780; // 768 halves as they lie in a file, and two hashes
}

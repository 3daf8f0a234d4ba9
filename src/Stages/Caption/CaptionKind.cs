using Pipeline.Models.Images;
using Pipeline.Models.Statistics;
using Pipeline.Sdk;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs;

namespace Pipeline.Stages.Caption;

/// <summary>Captions images.</summary>
public sealed class CaptionKind : RowStageKind<CaptionOptions, CaptionInput, RgbImage, string, CaptionRow>
{
    /// <inheritdoc/>
    public override string Name => "caption";

    /// <inheritdoc/>
    public override int Version => 1;

    /// <inheritdoc/>
    protected override (IStage<CaptionInput, RgbImage, string, CaptionRow> Stage, FlowOptions Flow) Build(
        CaptionOptions options,
        StageSite site
    )
    {
        var workers = options.Workers == 0 ? Environment.ProcessorCount : options.Workers;
        return (new CaptionStage(new StatisticsCaptioner(), site.Run.InputRoot), new FlowOptions(options.MicroBatch, workers, workers, 3));
    }
}

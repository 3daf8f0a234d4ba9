using Pipeline.Models.Images;
using Pipeline.Models.Statistics;
using Pipeline.Sdk;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Plans;

namespace Pipeline.Stages.Caption;

/// <summary>Captions images.</summary>
public sealed class CaptionKind : RowStageKind<CaptionOptions, IngestedImage, RgbImage, string, CaptionRow>, IPlannedKind
{
    /// <inheritdoc/>
    public override string Name => "caption";

    /// <inheritdoc/>
    public override int Version => 1;

    /// <inheritdoc/>
    protected override (IStage<IngestedImage, RgbImage, string, CaptionRow> Stage, FlowOptions Flow) Build(
        CaptionOptions options,
        StageSite site
    )
    {
        var workers = options.Workers == 0 ? Environment.ProcessorCount : options.Workers;
        return (
            new CaptionStage(new StatisticsCaptioner(), site.Run.InputRoot),
            FlowOptions.Of(options.MicroBatch, workers, workers, BatchRows(site))
        );
    }

    /// <inheritdoc/>
    public StagePlan Plan(StageDefinition stage, PlanSite site)
    {
        const int RowBytes = 70; // a hash and a sentence of which many are equal
        var worker = new CaptionStage(new StatisticsCaptioner(), "");
        var each = site.Try(sample =>
        {
            var items = worker.Prepare(new IngestedImage("", "", null, 0, sample.Bytes.Length, sample.Bytes));
            worker.InferAsync(items, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        });
        return new StagePlan
        {
            Rows = site.Count,
            Bytes = site.Count * RowBytes,
            Work = site.Count * each,
            Basis = FormattableString.Invariant($"{each.TotalMilliseconds:0.0} ms an image, measured"),
            Models = [new ModelUse(((CaptionOptions)stage.Options).Backend, null, "built in")],
        };
    }
}

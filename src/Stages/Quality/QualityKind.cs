using Pipeline.Models;
using Pipeline.Models.Quality;
using Pipeline.Sdk;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Plans;
using Pipeline.Stages.Seeing;

namespace Pipeline.Stages.Quality;

/// <summary>Judges edits as pictures.</summary>
public sealed class QualityKind : RowStageKind<QualityOptions, QualityInput, MeasuredEdit, QualityFigures, QualityRow>, IPlannedKind
{
    private const int RowBytes = 80; // two hashes, a verdict and seven numbers
    private readonly OpenEncoder open;
    private readonly Func<StageSite, string, IQualityScorer> score;

    /// <summary>With models of the run.</summary>
    public QualityKind()
        : this(Encoders.Open, (site, name) => AestheticScorer.Open(site.Run.Models.Find(name).Path)) { }

    internal QualityKind(OpenEncoder open, Func<StageSite, string, IQualityScorer> score) => (this.open, this.score) = (open, score);

    /// <inheritdoc/>
    public override string Name => "quality";

    /// <inheritdoc/>
    public override int Version => 1;

    /// <inheritdoc/>
    public override IEnumerable<string> Disagreements(StageDefinition stage, PipelineDefinition pipeline) =>
        stage.Options is QualityOptions { Aesthetic: not null } ? EncoderAgreement.Faults(stage, pipeline) : [];

    /// <inheritdoc/>
    protected override (IStage<QualityInput, MeasuredEdit, QualityFigures, QualityRow> Stage, FlowOptions Flow) Build(
        QualityOptions options,
        StageSite site
    )
    {
        var (encoder, scorer) = options.Aesthetic is { } name ? Predictor(options, name, site) : (null, null);
        return (
            new QualityStage(encoder, scorer, options.Held, site.Run.InputRoot),
            FlowOptions.Of(options.CallSize, Environment.ProcessorCount, 1, BatchRows(site))
        );
    }

    private (IImageTextEncoder Encoder, IQualityScorer Scorer) Predictor(QualityOptions options, string name, StageSite site)
    {
        var scorer = score(site, name);
        var encoder = open(site, options);
        try
        {
            AestheticScorer.CheckEncoder(scorer, encoder);
            return (encoder, scorer);
        }
        catch
        {
            encoder.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public StagePlan Plan(StageDefinition stage, PlanSite site) => StagePlan.PassThrough(stage, site, RowBytes);
}

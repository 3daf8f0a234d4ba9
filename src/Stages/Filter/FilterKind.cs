using Pipeline.Models.Images;
using Pipeline.Sdk;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Plans;

namespace Pipeline.Stages.Filter;

/// <summary>Judges edits by the base classifier's confidence.</summary>
public sealed class FilterKind : RowStageKind<FilterOptions, FilterInput, JudgedEdit, float[], FilterRow>, IPlannedKind
{
    /// <inheritdoc/>
    public override string Name => "filter";

    /// <inheritdoc/>
    public override int Version => 1;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Needs => ["base-classifier"];

    /// <inheritdoc/>
    protected override (IStage<FilterInput, JudgedEdit, float[], FilterRow> Stage, FlowOptions Flow) Build(
        FilterOptions options,
        StageSite site
    )
    {
        var folder = Path.Combine(site.Run.Output, site.Run.Artifacts["base-classifier"].Uri);
        return (new FilterStage(folder, options), FlowOptions.Of(options.CallSize, Environment.ProcessorCount, 1, BatchRows(site)));
    }

    /// <inheritdoc/>
    public StagePlan Plan(StageDefinition stage, PlanSite site)
    {
        const int RowBytes = 46; // two hashes and a verdict
        var each = site.Try(sample => ImageDecoder.Decode(sample.Bytes)) + site.ArtifactUse("base-classifier");
        var rows = stage.After.Sum(before => site.Of(before).Rows);
        return new StagePlan
        {
            Rows = rows,
            Bytes = rows * RowBytes,
            Work = rows * each,
            Basis = FormattableString.Invariant($"{each.TotalMilliseconds:0.0} ms an edit, measured"),
            Models = [new ModelUse("base-classifier", null, "made by the run")],
        };
    }
}

using Pipeline.Sdk;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs;

namespace Pipeline.Stages.Filter;

/// <summary>Judges edits by the base classifier's confidence.</summary>
public sealed class FilterKind : RowStageKind<FilterOptions, FilterInput, JudgedEdit, float[], FilterRow>
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
        return (new FilterStage(folder, options), new FlowOptions(options.CallSize, Environment.ProcessorCount, 1, 2));
    }
}

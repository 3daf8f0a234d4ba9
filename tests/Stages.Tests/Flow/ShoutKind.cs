using Pipeline.Sdk;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Tests.Runs.Definition;

namespace Pipeline.Stages.Tests.Flow;

/// <summary>The kind of one <see cref="Shout"/>.</summary>
internal sealed class ShoutKind(Shout shout, FlowOptions flow) : RowStageKind<NoOptions, WordInput, string, string, ShoutedRow>
{
    public override string Name => FlowSite.Stage;

    public override int Version => 1;

    protected override (IStage<WordInput, string, string, ShoutedRow> Stage, FlowOptions Flow) Build(NoOptions options, StageSite site) =>
        (shout, flow);
}

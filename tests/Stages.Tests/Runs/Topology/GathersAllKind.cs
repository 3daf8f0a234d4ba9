using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Tests.Runs.Definition;

namespace Pipeline.Stages.Tests.Runs.Topology;

/// <summary>An export that reads no column by name.</summary>
internal sealed class GathersAllKind : WholeStageKind<NoOptions>, IGatheringKind
{
    public override string Name => "export";

    public bool Gathers(StageDefinition stage) => true;

    protected override Task<WholeResult> WorkAsync(NoOptions options, StageSite site, CancellationToken stop) =>
        Task.FromResult(new WholeResult(0, []));
}

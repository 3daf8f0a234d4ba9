using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Runs.Plans;

/// <summary>A kind of stage that can say beforehand what one stage of it comes to. A kind that cannot is left out of a dry run's sums, which says so.</summary>
public interface IPlannedKind : IStageKind
{
    /// <summary>Looks ahead; may try its work on a few samples in memory, and writes nothing.</summary>
    StagePlan Plan(StageDefinition stage, PlanSite site);

    /// <summary>Time of one core to apply the artifact that it makes to one image; zero where that is next to nothing.</summary>
    TimeSpan ArtifactUse(StageDefinition stage, PlanSite site) => TimeSpan.Zero;
}

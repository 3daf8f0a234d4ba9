using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Seeing;

/// <summary>A kind of stage that checks edits for what should not be shown, and whose verdict keeps flagged ones out of the training set.</summary>
public interface ISafetyKind : IStageKind
{
    /// <summary>What a stage of this kind checks with.</summary>
    CheckerChoice Choice(StageDefinition stage);
}

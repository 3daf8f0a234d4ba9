using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Runs;

/// <summary>A kind over the whole run that takes the columns of other stages without naming them, such as an export.</summary>
/// <remarks>It must follow all of those, directly or through others: what is not drained when it begins is missing from what it makes.</remarks>
public interface IGatheringKind : IRunnableKind
{
    /// <summary>Whether it takes the columns of that stage of its pipeline.</summary>
    bool Gathers(StageDefinition stage);
}

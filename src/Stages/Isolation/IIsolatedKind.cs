using Pipeline.Stages.Runs;

namespace Pipeline.Stages.Isolation;

/// <summary>A kind of stage whose items can be tried alone.</summary>
public interface IIsolatedKind
{
    /// <summary>Makes the stage; gives what tries one item of it.</summary>
    Func<IsolatedItem, CancellationToken, Task<IsolatedAnswer>> Isolate(StageSite site);
}

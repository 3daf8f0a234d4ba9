namespace Pipeline.Stages.Runs;

/// <summary>A stage could not be made or connected here; the others were. It is tried again by the next start.</summary>
/// <param name="stage">The stage's name.</param>
/// <param name="inner">Why.</param>
public sealed class StageStartException(string stage, Exception inner) : Exception(inner.Message, inner)
{
    /// <summary>The stage's name.</summary>
    public string Stage => stage;
}

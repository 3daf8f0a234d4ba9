namespace Pipeline.Messages;

/// <summary>Somebody leads a run from now on, with empty books: all that was told before is told again.</summary>
public sealed record TermBegan
{
    /// <summary>The run's id.</summary>
    public required string Run { get; init; }

    /// <summary>Names the term; no two are named alike.</summary>
    public required string Term { get; init; }
}

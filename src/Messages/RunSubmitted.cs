namespace Pipeline.Messages;

/// <summary>A run was submitted; hosts look into its store and serve its stages.</summary>
public sealed record RunSubmitted
{
    /// <summary>The run's id.</summary>
    public required string Run { get; init; }

    /// <summary>The store in which the run's files lie.</summary>
    public required string Store { get; init; }
}

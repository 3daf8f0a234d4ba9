namespace Pipeline.Messages;

/// <summary>A run is closed; hosts stop its consumers and drop what they hold of it.</summary>
public sealed record RunClosed
{
    /// <summary>The run's id.</summary>
    public required string Run { get; init; }
}

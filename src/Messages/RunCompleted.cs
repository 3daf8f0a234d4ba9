namespace Pipeline.Messages;

/// <summary>Every stage of a run is drained.</summary>
public sealed record RunCompleted
{
    /// <summary>The run's id.</summary>
    public required string Run { get; init; }

    /// <summary>Batches that failed in any stage; 0 in a run without failures.</summary>
    public required int FailedBatches { get; init; }
}

namespace Pipeline.Messages;

/// <summary>A stage takes no batches on one host, because so many failed in a row; it was just stopped, or another one was tried and failed.</summary>
public sealed record StageStopped
{
    /// <summary>The run's id.</summary>
    public required string Run { get; init; }

    /// <summary>The stage.</summary>
    public required string Stage { get; init; }

    /// <summary>Batches tried since, which failed too; 0 when it was just stopped.</summary>
    public required int Probes { get; init; }

    /// <summary>How many failed in a row, and the last error.</summary>
    public required string Reason { get; init; }
}

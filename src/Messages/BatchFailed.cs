namespace Pipeline.Messages;

/// <summary>A stage could not finish a batch. The record lies beside the shards as <c>{batch:D8}.failed.json</c>.</summary>
public sealed record BatchFailed
{
    /// <summary>The run's id.</summary>
    public required string Run { get; init; }

    /// <summary>Topology version under which the batch was tried; 1 or more.</summary>
    public required int Version { get; init; }

    /// <summary>The stage that failed.</summary>
    public required string Stage { get; init; }

    /// <summary>Index of the batch within the run, from 0.</summary>
    public required int Batch { get; init; }

    /// <summary>The shards that the stage was given.</summary>
    public required IReadOnlyList<ShardReference> Shards { get; init; }

    /// <summary>Kind of the error: the name of the exception's type.</summary>
    public required string Error { get; init; }

    /// <summary>What was found, what was wanted and what to do.</summary>
    public required string Message { get; init; }
}

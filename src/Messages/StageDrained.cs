namespace Pipeline.Messages;

/// <summary>Every batch of a stage has an outcome: a shard or a failure record.</summary>
public sealed record StageDrained
{
    /// <summary>The run's id.</summary>
    public required string Run { get; init; }

    /// <summary>The stage.</summary>
    public required string Stage { get; init; }

    /// <summary>Batches with an outcome.</summary>
    public required int Batches { get; init; }

    /// <summary>Rows in their shards.</summary>
    public required long Rows { get; init; }

    /// <summary>Hash of what the stage and those before it wrote, hexadecimal: equal content has an equal hash. Empty when it is not known.</summary>
    public string Content { get; init; } = "";
}

namespace Pipeline.Messages;

/// <summary>A stage has finished a batch: its shard lies in the store.</summary>
public sealed record BatchReady
{
    /// <summary>The run's id.</summary>
    public required string Run { get; init; }

    /// <summary>Topology version under which the batch was made; 1 or more.</summary>
    public required int Version { get; init; }

    /// <summary>The stage that finished.</summary>
    public required string Stage { get; init; }

    /// <summary>Index of the batch within the run, from 0.</summary>
    public required int Batch { get; init; }

    /// <summary>Every shard of the batch so far, in the order in which the stages wrote them.</summary>
    public required IReadOnlyList<ShardReference> Shards { get; init; }

    /// <summary>Rows that the stage was given.</summary>
    public required int RowsIn { get; init; }

    /// <summary>Rows that the stage set aside in quarantine.</summary>
    public int Quarantined { get; init; }

    /// <summary>Newest topology version that whoever finished the batch knew; 0 when it does not say. What was done with settings that were changed since is done again.</summary>
    public int Newest { get; init; }

    /// <summary>True when a valid shard was found and nothing was computed.</summary>
    public bool Reused { get; init; }
}

namespace Pipeline.Shards;

/// <summary>A column of a shard or of a record.</summary>
/// <param name="Name">The column's name; <c>*</c> for the further text columns that a record carries through.</param>
/// <param name="Type">Kind of its cells, and whether one may be null.</param>
public readonly record struct ShardField(string Name, ShardType Type)
{
    /// <summary>For a list of contracts: <c>sample_id:string</c>.</summary>
    public override string ToString() => $"{Name}:{Type}";
}

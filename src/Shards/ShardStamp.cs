namespace Pipeline.Shards;

/// <summary>A shard that was written.</summary>
/// <param name="Uri">Where, relative to the store's root.</param>
/// <param name="Content">Content hash, lower-case hex; children name it among their parents.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="Bytes">Size of the file in bytes.</param>
public readonly record struct ShardStamp(string Uri, string Content, long Rows, long Bytes);

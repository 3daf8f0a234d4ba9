namespace Pipeline.Shards;

/// <summary>A file is there but is not a whole shard: cut off, altered, or written by something else. Its batch is not done.</summary>
/// <param name="uri">The file, relative to the store's root.</param>
/// <param name="finding">What is wrong with it.</param>
/// <param name="inner">What the reader reported, if it did.</param>
public sealed class ShardDamagedException(string uri, string finding, Exception? inner = null)
    : Exception(
        $"Shard {uri} is damaged: {finding}; it must be a complete Parquet file with a shard footer. "
            + "Treat its batch as not done and write it again.",
        inner
    )
{
    /// <summary>The file, relative to the store's root.</summary>
    public string Uri { get; } = uri;
}

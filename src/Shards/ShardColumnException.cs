namespace Pipeline.Shards;

/// <summary>A column is missing, has another type than wanted, or holds what it may not; the message names it.</summary>
/// <param name="message">What was found, what was wanted and what to do.</param>
public sealed class ShardColumnException(string message) : InvalidOperationException(message);

namespace Pipeline.Messages;

/// <summary>Names a shard: the columns that one stage added to one batch.</summary>
/// <param name="Stage">The stage that wrote it.</param>
/// <param name="Uri">Where it lies, relative to the store's root, with forward slashes.</param>
/// <param name="Content">Hash of the names, types and values of its columns, 32 hexadecimal digits.</param>
/// <param name="Rows">Rows in it; 0 or more.</param>
public sealed record ShardReference(string Stage, string Uri, string Content, int Rows);

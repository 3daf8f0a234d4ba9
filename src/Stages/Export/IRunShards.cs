using Pipeline.Shards;

namespace Pipeline.Stages.Export;

/// <summary>The shards of one run, as an export reads them.</summary>
public interface IRunShards
{
    /// <summary>Indices of the batches, ascending.</summary>
    IReadOnlyList<int> Batches { get; }

    /// <summary>Names and types of a shard's columns without its rows; null if there is no such shard.</summary>
    /// <param name="stage">The stage that wrote it.</param>
    /// <param name="batch">Index of the batch.</param>
    /// <param name="stop">Ends the read.</param>
    Task<IReadOnlyList<ShardField>?> FieldsAsync(string stage, int batch, CancellationToken stop);

    /// <summary>Some columns of a shard; null if there is no such shard.</summary>
    /// <param name="stage">The stage that wrote it.</param>
    /// <param name="batch">Index of the batch.</param>
    /// <param name="columns">The columns that are wanted; the shard has them.</param>
    /// <param name="stop">Ends the read.</param>
    Task<ShardTable?> ReadAsync(string stage, int batch, IReadOnlyList<string> columns, CancellationToken stop);
}

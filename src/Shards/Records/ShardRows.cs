using Pipeline.Shards.Format;
using Pipeline.Shards.Stores;

namespace Pipeline.Shards.Records;

/// <summary>Rows as records: a property is a column, in the order of declaration, <c>SampleId</c> under the name <c>sample_id</c>.</summary>
/// <remarks>
/// Columns are the properties that can be given back: parameters of the constructor with the most parameters, and properties that can be set or
/// initialised. A column that is missing reads as null where the property may be null; so an older shard can be read after a column was added.
/// </remarks>
public static class ShardRows
{
    /// <summary>The rows as columns.</summary>
    /// <exception cref="ShardColumnException">The record cannot be mapped, or a property that may not be null is.</exception>
    public static ShardTable ToTable<T>(IReadOnlyList<T> rows)
        where T : notnull => RecordShape<T>.Instance.Take(rows);

    /// <summary>The table's rows as records; columns that no property claims are left out.</summary>
    /// <exception cref="ShardColumnException">A column that may not be null is missing or null, or is of another type.</exception>
    public static IReadOnlyList<T> FromTable<T>(ShardTable table)
        where T : notnull => RecordShape<T>.Instance.Give(table);

    /// <summary>Reads a shard as records, fetching only the columns that they have.</summary>
    /// <exception cref="ShardDamagedException">The file is not a whole shard.</exception>
    /// <exception cref="ShardColumnException">A column that may not be null is missing or null, or is of another type.</exception>
    /// <exception cref="FileNotFoundException">The file is not there.</exception>
    public static async Task<IReadOnlyList<T>> ReadAsync<T>(IShardStore store, string uri, CancellationToken stop = default)
        where T : notnull
    {
        var shape = RecordShape<T>.Instance;
        await using var shard = await ShardDecoder.OpenAsync(store, uri, stop);
        var leaves = shard.Leaves.Where(leaf => shape.Wants(leaf.Name, leaf.Type)).ToArray();
        return leaves.Length > 0
            ? shape.Give(await ShardFile.ReadAsync(shard, leaves, stop))
            : throw new ShardColumnException(
                $"{uri} has none of the columns of {typeof(T).Name}; it must have {string.Join(", ", shape.Fields)}. Read another stage's shard."
            );
    }

    /// <summary>Columns that the record declares, and <c>*:string?</c> at the end if it carries further ones through.</summary>
    /// <exception cref="ShardColumnException">The record cannot be mapped.</exception>
    public static IReadOnlyList<ShardField> Fields<T>()
        where T : notnull => RecordShape<T>.Instance.Fields;
}

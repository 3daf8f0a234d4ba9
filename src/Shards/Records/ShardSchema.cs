using System.Reflection;

namespace Pipeline.Shards.Records;

/// <summary>Lists what columns a record declares, for a contract that a test holds.</summary>
public static class ShardSchema
{
    /// <summary>One line a column, as <c>sample_id:string</c>, in the order of the shard.</summary>
    /// <param name="record">A record type that <see cref="ShardRows"/> can map.</param>
    /// <exception cref="ShardColumnException">The record cannot be mapped.</exception>
    public static IReadOnlyList<string> Describe(Type record)
    {
        var fields =
            typeof(ShardRows).GetMethod(nameof(ShardRows.Fields), BindingFlags.Public | BindingFlags.Static)
            ?? throw new MissingMethodException(nameof(ShardRows), nameof(ShardRows.Fields));
        var found = fields.MakeGenericMethod(record).Invoke(null, BindingFlags.DoNotWrapExceptions, null, null, null);
        return [.. ((IReadOnlyList<ShardField>?)found ?? []).Select(field => field.ToString())];
    }
}

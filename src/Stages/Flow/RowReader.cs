using System.Reflection;
using Pipeline.Messages;
using Pipeline.Sdk;
using Pipeline.Shards;
using Pipeline.Shards.Records;
using Pipeline.Shards.Stores;

namespace Pipeline.Stages.Flow;

/// <summary>Reads the rows of a batch that a stage wants: those of the shard it follows, joined to the other shards it names.</summary>
/// <remarks>Rows are joined by <c>variant_id</c> where both shards have one, else by <c>sample_id</c>. So a sample that any stage
/// before set aside is not among the rows. Of an optional column whose stage is not upstream every cell is null.</remarks>
/// <typeparam name="TIn">A record whose properties say by <see cref="ReadsAttribute"/> where they come from.</typeparam>
public sealed class RowReader<TIn>
    where TIn : class, ISampleRow
{
    private const string Sample = "sample_id";
    private const string Variant = "variant_id";
    private static readonly Wanted[] Columns = [.. Find()];

    /// <summary>The columns that must be there, as <c>stage.column</c>.</summary>
    public static IReadOnlyList<string> Reads { get; } =
    [.. Columns.Where(column => !column.IsOptional).Select(column => $"{column.Stage}.{column.Column}")];

    /// <summary>The columns that are read where their stage is upstream, as <c>stage.column</c>.</summary>
    public static IReadOnlyList<string> OptionalReads { get; } =
    [.. Columns.Where(column => column.IsOptional).Select(column => $"{column.Stage}.{column.Column}")];

    /// <summary>The columns that are read, optional ones too, with the types that the record has them in, named as in <see cref="Reads"/>.</summary>
    /// <exception cref="ShardColumnException">The record cannot be mapped, or an optional column has no property that can be null.</exception>
    public static IReadOnlyList<ShardField> Types =>
        [
            .. Columns.Join(
                ShardRows.Fields<TIn>(),
                column => column.Name,
                found => found.Name,
                (column, found) =>
                    column.IsOptional && !found.Type.Nullable
                        ? throw new ShardColumnException(
                            $"The property of {typeof(TIn).Name} that reads {column.Stage}.{column.Column} is of type {found.Type}; an optional one must be able to be null. Give it a ?."
                        )
                        : found with
                        {
                            Name = $"{column.Stage}.{column.Column}",
                        }
            ),
        ];

    /// <summary>The shards of a batch on which its rows depend, in the message's order.</summary>
    /// <exception cref="InvalidDataException">A stage that is read from wrote no shard of this batch.</exception>
    public static IReadOnlyList<ShardReference> Parents(IReadOnlyList<ShardReference> shards)
    {
        foreach (var stage in Columns.Where(column => !column.IsOptional).Select(column => column.Stage).Distinct(StringComparer.Ordinal))
        {
            if (shards.All(shard => shard.Stage != stage))
            {
                throw new InvalidDataException(
                    $"The message names shards of {string.Join(", ", shards.Select(shard => shard.Stage))}; it must name one of {stage}, whose columns are read. Correct the order of the stages."
                );
            }
        }

        return [.. shards.Where((shard, index) => index == shards.Count - 1 || Columns.Any(column => column.Stage == shard.Stage))];
    }

    /// <summary>Reads the rows.</summary>
    /// <exception cref="ShardDamagedException">A shard is not whole.</exception>
    /// <exception cref="ShardColumnException">A shard lacks a column that is read.</exception>
    public static async Task<IReadOnlyList<TIn>> ReadAsync(IShardStore store, IReadOnlyList<ShardReference> shards, CancellationToken stop)
    {
        var driver = await ReadShardAsync(store, shards[^1], stop);
        var rows = Enumerable.Range(0, driver.Rows).ToArray();
        var joined = new List<(ShardTable Table, int[] Rows, string Stage)>();
        foreach (var shard in Parents(shards).SkipLast(1))
        {
            var table = await ReadShardAsync(store, shard, stop);
            var key = driver.Find(Variant) is not null && table.Find(Variant) is not null ? Variant : Sample;
            var index = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (var (value, row) in table.Get<string>(key).Select((value, row) => (value, row)))
            {
                index[value] = row;
            }

            joined.Add((table, [.. driver.Get<string>(key).Select(value => index.GetValueOrDefault(value, -1))], shard.Stage));
        }

        rows = [.. rows.Where(row => joined.TrueForAll(join => join.Rows[row] >= 0))];
        var columns = Columns
            .Where(column => shards.Any(shard => shard.Stage == column.Stage))
            .Select(column =>
            {
                var join = joined.Find(candidate => candidate.Stage == column.Stage);
                return join.Table is null
                    ? Cells(driver, column, rows)
                    : Cells(join.Table, column, [.. rows.Select(row => join.Rows[row])]);
            });
        return ShardRows.FromTable<TIn>(new ShardTable([.. columns]));
    }

    private static ShardColumn Cells(ShardTable table, Wanted column, int[] rows) =>
        table.Columns.First(found => found.Name == column.Column).Take(rows, column.Name);

    private static Task<ShardTable> ReadShardAsync(IShardStore store, ShardReference shard, CancellationToken stop)
    {
        var wanted = Columns.Where(column => column.Stage == shard.Stage).Select(column => column.Column);
        return ShardFile.ReadAsync(store, shard.Uri, Names, stop);

        IReadOnlyList<string> Names(IReadOnlyList<ShardField> has) =>
            [.. has.Select(field => field.Name).Where(name => name is Sample or Variant).Concat(wanted).Distinct(StringComparer.Ordinal)];
    }

    private static IEnumerable<Wanted> Find()
    {
        var parameters = typeof(TIn)
            .GetConstructors()
            .SelectMany(constructor => constructor.GetParameters())
            .ToLookup(parameter => parameter.Name);
        foreach (var property in typeof(TIn).GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var reads =
                property.GetCustomAttribute<ReadsAttribute>()
                ?? parameters[property.Name]
                    .Select(parameter => parameter.GetCustomAttribute<ReadsAttribute>())
                    .FirstOrDefault(found => found is not null);
            if (reads is not null)
            {
                yield return new Wanted(ShardNames.Snake(property.Name), reads.Stage, reads.Column, reads.IsOptional);
            }
        }
    }

    private sealed record Wanted(string Name, string Stage, string Column, bool IsOptional);
}

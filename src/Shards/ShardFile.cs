using System.Runtime.CompilerServices;
using Pipeline.Shards.Format;
using Pipeline.Shards.Stores;

namespace Pipeline.Shards;

/// <summary>Writes and reads shards. Equal tables and footers give equal bytes, on any machine and in any order.</summary>
public static class ShardFile
{
    /// <summary>Raw bytes after which a row group ends: what a reader that streams holds at once, and less than a page may have.</summary>
    public const long DefaultRowGroupBytes = 64 << 20;

    private const int InMemoryBytes = 64 * 1024; // a smaller shard is encoded in memory, in an array outside the large-object heap
    private const int FooterTailBytes = 8 * 1024; // metadata of a shard of some twenty columns

    /// <summary>Writes a shard; it appears whole or not at all.</summary>
    /// <param name="store">Where to.</param>
    /// <param name="uri">For example <see cref="ShardNames.Uri"/>.</param>
    /// <param name="table">Every row of the batch.</param>
    /// <param name="footer">Without rows and content hash, which are filled in here.</param>
    /// <param name="rowGroupBytes">Raw bytes of values after which a row group ends, at least 1; part of what the bytes of the file depend on.</param>
    /// <param name="stop">Ends the write; nothing is left behind.</param>
    /// <exception cref="ShardColumnException">A cell cannot be written.</exception>
    /// <exception cref="ArgumentException">The uri or a value of the footer cannot be written.</exception>
    /// <exception cref="StoreFullException">There is no room.</exception>
    public static async Task<ShardStamp> WriteAsync(
        IShardStore store,
        string uri,
        ShardTable table,
        ShardFooter footer,
        long rowGroupBytes = DefaultRowGroupBytes,
        CancellationToken stop = default
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rowGroupBytes, 1);
        footer.Check();
        var columns = ContentHash.Columns(table);
        var content = ContentHash.Of(table.Columns.Select(column => column.Name), columns, table.Rows);
        var keys = FooterKeys.Write(footer with { Rows = table.Rows, Content = content }, columns);
        var raw = ShardEncoder.RawBytes(table, 0, table.Rows);
        var bytes = 0L;
        if (raw <= InMemoryBytes)
        {
            using var memory = new MemoryStream((int)raw + FooterTailBytes);
            await ShardEncoder.WriteAsync(memory, table, keys, rowGroupBytes, stop);
            bytes = memory.Length;
            await store.WriteAsync(uri, memory.GetBuffer().AsMemory(0, (int)bytes), stop);
        }
        else
        {
            await store.WriteAsync(uri, Encode, stop);
        }

        return new ShardStamp(uri, content, table.Rows, bytes);

        async Task Encode(Stream stream)
        {
            await ShardEncoder.WriteAsync(stream, table, keys, rowGroupBytes, stop);
            bytes = stream.Length;
        }
    }

    /// <summary>Content hash that <see cref="WriteAsync"/> would write for this table.</summary>
    public static string HashOf(ShardTable table) =>
        ContentHash.Of(table.Columns.Select(column => column.Name), ContentHash.Columns(table), table.Rows);

    /// <summary>Reads a shard's rows and checks them against the footer's digests.</summary>
    /// <param name="store">Where from.</param>
    /// <param name="uri">The shard.</param>
    /// <param name="columns">Only these are fetched, and given in this order; null for all.</param>
    /// <param name="stop">Ends the read.</param>
    /// <exception cref="ShardDamagedException">The file is not a whole shard.</exception>
    /// <exception cref="ShardColumnException">The shard has no such column.</exception>
    /// <exception cref="FileNotFoundException">The file is not there.</exception>
    public static async Task<ShardTable> ReadAsync(
        IShardStore store,
        string uri,
        IReadOnlyList<string>? columns = null,
        CancellationToken stop = default
    )
    {
        await using var shard = await ShardDecoder.OpenAsync(store, uri, stop);
        return await ReadAsync(shard, Chosen(shard, uri, columns), stop);
    }

    /// <summary>Reads a shard's rows, of the columns chosen among those that it has, and checks them against the footer's digests; opens it once.</summary>
    /// <param name="store">Where from.</param>
    /// <param name="uri">The shard.</param>
    /// <param name="choose">Given the shard's columns in file order, gives the names of those that are fetched, in the order of the table.</param>
    /// <param name="stop">Ends the read.</param>
    /// <exception cref="ShardDamagedException">The file is not a whole shard.</exception>
    /// <exception cref="ShardColumnException">The shard has no such column.</exception>
    /// <exception cref="FileNotFoundException">The file is not there.</exception>
    public static async Task<ShardTable> ReadAsync(
        IShardStore store,
        string uri,
        Func<IReadOnlyList<ShardField>, IReadOnlyList<string>> choose,
        CancellationToken stop = default
    )
    {
        await using var shard = await ShardDecoder.OpenAsync(store, uri, stop);
        return await ReadAsync(shard, Chosen(shard, uri, choose(Fields(shard))), stop);
    }

    /// <summary>Reads a shard row group by row group; never more than one is in memory. Digests are checked after the last.</summary>
    /// <inheritdoc cref="ReadAsync(IShardStore, string, IReadOnlyList{string}?, CancellationToken)"/>
    public static async IAsyncEnumerable<ShardTable> ReadGroupsAsync(
        IShardStore store,
        string uri,
        IReadOnlyList<string>? columns = null,
        [EnumeratorCancellation] CancellationToken stop = default
    )
    {
        await using var shard = await ShardDecoder.OpenAsync(store, uri, stop);
        var leaves = Chosen(shard, uri, columns);
        var rows = 0L;
        for (var group = 0; group < shard.Groups; group++)
        {
            var table = await shard.ReadGroupAsync(group, leaves, stop);
            rows += table.Rows;
            yield return table;
        }

        shard.Verify(leaves, rows);
    }

    /// <summary>Names and types of a shard's columns, in file order.</summary>
    /// <exception cref="ShardDamagedException">The file is not a whole shard.</exception>
    /// <exception cref="FileNotFoundException">The file is not there.</exception>
    public static async Task<IReadOnlyList<ShardField>> ReadSchemaAsync(IShardStore store, string uri, CancellationToken stop = default)
    {
        await using var shard = await ShardDecoder.OpenAsync(store, uri, stop);
        return Fields(shard);
    }

    /// <summary>Reads only the footer, from the end of the file; null if the file is not there.</summary>
    /// <exception cref="ShardDamagedException">The file is cut off, or was written by something else.</exception>
    public static async Task<ShardFooter?> ReadFooterAsync(IShardStore store, string uri, CancellationToken stop = default)
    {
        if (await store.ReadTailAsync(uri, FooterTailBytes, stop) is not { } tail)
            return null;
        var needed = Damage.Guard(uri, () => ParquetTail.Bytes(tail.Bytes.Span, tail.Length));
        if (needed > tail.Bytes.Length)
        {
            if (await store.ReadTailAsync(uri, needed, stop) is not { } more)
                return null;
            tail = more;
        }

        return Damage.Guard(
            uri,
            () => FooterKeys.Read(ParquetTail.KeyValues(tail.Bytes.Span[^Math.Min(needed, tail.Bytes.Length)..^ParquetTail.TrailerBytes]))
        );
    }

    internal static async Task<ShardTable> ReadAsync(ShardDecoder shard, IReadOnlyList<ShardLeaf> leaves, CancellationToken stop)
    {
        var groups = new List<ShardTable>(shard.Groups);
        for (var group = 0; group < shard.Groups; group++)
            groups.Add(await shard.ReadGroupAsync(group, leaves, stop));
        var table = groups.Count == 0 ? ShardDecoder.Empty(leaves) : ShardTable.Concat(groups);
        shard.Verify(leaves, table.Rows);
        return table;
    }

    private static ShardField[] Fields(ShardDecoder shard) => [.. shard.Leaves.Select(leaf => new ShardField(leaf.Name, leaf.Type))];

    private static IReadOnlyList<ShardLeaf> Chosen(ShardDecoder shard, string uri, IReadOnlyList<string>? columns) =>
        columns is null
            ? shard.Leaves
            :
            [
                .. columns.Select(name =>
                    shard.Leaves.FirstOrDefault(leaf => leaf.Name == name)
                    ?? throw new ShardColumnException(
                        $"Column '{name}' is not in {uri}; it must be one of {string.Join(", ", shard.Leaves.Select(leaf => leaf.Name))}. "
                            + "Ask for a column that its stage writes."
                    )
                ),
            ];
}

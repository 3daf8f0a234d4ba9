using Pipeline.Messages;
using Pipeline.Sdk;
using Pipeline.Shards;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Flow;

/// <summary>One batch on its way through a stage's graph: it is complete when its last row is.</summary>
internal sealed class BatchWork<TIn, TItem, TOut>(IDelivery delivery, BatchReady message)
    where TIn : class, ISampleRow
    where TOut : class
{
    private readonly List<QuarantineRow> quarantine = [];
    private readonly List<(int Row, int Index, string? Variant, TIn Sample, Exception Error)> refused = [];
    private TOut?[][] rows = [];
    private int open;
    private int items;
    private Exception? error;

    public IDelivery Delivery => delivery;

    public BatchReady Message => message;

    /// <summary>The footer that a valid shard has.</summary>
    public ShardFooter? Expected { get; set; }

    /// <summary>The shard that tells of the batch: found, or written.</summary>
    public BatchShard? Shard { get; set; }

    /// <summary>The failure of an earlier delivery, which stands: nothing is done.</summary>
    public FailureRecord? Standing { get; set; }

    /// <summary>True when the message names shards that were written anew since: another one is on its way, and nothing is done.</summary>
    public bool IsOutdated { get; set; }

    public int RowsIn { get; private set; } = -1;

    public Exception? Error => Volatile.Read(ref error);

    public long Started { get; init; }

    /// <summary>Takes the rows in; gives false when there are none, so that the batch is complete already.</summary>
    public bool Begin(int count)
    {
        RowsIn = count;
        rows = new TOut?[count][];
        open = count;
        return count > 0;
    }

    public void Prepared(int row, int count)
    {
        rows[row] = new TOut?[count];
        Interlocked.Add(ref items, count);
    }

    public void Put(int row, int item, TOut result) => rows[row][item] = result;

    /// <summary>The batch's items were in a call with room for so many; the least is recorded.</summary>
    public void CalledWith(int size)
    {
        lock (refused)
        {
            Expected = Expected is { } footer && size < footer.CallSize ? footer with { CallSize = size } : Expected;
        }
    }

    public void SetAside(string stage, TIn sample, string? variant, Exception reason)
    {
        if (reason is TimeLimitException)
        {
            Fail(reason); // the stage may hang, and not for this sample alone
            return;
        }

        lock (quarantine)
        {
            quarantine.Add(
                new QuarantineRow(sample.SampleId, variant, stage, message.Batch, ErrorKind.Of(reason), reason.Message, sample.Uri)
            );
        }
    }

    /// <summary>The model threw for this item, even when it was called for it alone.</summary>
    public void Refuse(ItemWork<TIn, TItem, TOut> work, Exception reason)
    {
        lock (refused)
        {
            refused.Add((work.Row.Index, work.Index, work.Item.VariantId, work.Row.Row, reason));
        }
    }

    /// <summary>Once every row is done: a model that refused every item, and more than one, is broken, and the batch fails; else what it refused is guilty, and set aside.</summary>
    /// <remarks>Judged by batch and never by micro-batch, so that the outcome does not depend on how calls were cut.</remarks>
    public void Judge(string stage)
    {
        refused.Sort(static (one, other) => (one.Row, one.Index).CompareTo((other.Row, other.Index)));
        if (refused.Count > 1 && refused.Count == items)
        {
            Fail(refused[0].Error);
            return;
        }

        foreach (var (_, _, variant, sample, reason) in refused)
        {
            SetAside(stage, sample, variant, reason);
        }
    }

    public void Fail(Exception reason) =>
        Interlocked.CompareExchange(ref error, reason is TimeLimitException late ? late.Of(message.Batch) : reason, null);

    /// <summary>Counts finished rows; true for the call that completes the batch.</summary>
    public bool RowsDone(int count) => Interlocked.Add(ref open, -count) == 0;

    public IReadOnlyList<TOut> Results() => [.. rows.Where(row => row is not null).SelectMany(row => row).OfType<TOut>()];

    public IReadOnlyList<QuarantineRow> Quarantine() =>
        [.. quarantine.OrderBy(row => row.SampleId, StringComparer.Ordinal).ThenBy(row => row.VariantId, StringComparer.Ordinal)];
}

/// <summary>A valid shard of a batch, and what is told of it.</summary>
/// <param name="Reference">Names it.</param>
/// <param name="RowsIn">Rows that the stage was given.</param>
/// <param name="Quarantined">Rows that it set aside.</param>
/// <param name="Version">The topology version with which the batch leaves the stage.</param>
/// <param name="Reused">True when it was found, and nothing computed.</param>
internal sealed record BatchShard(ShardReference Reference, int RowsIn, int Quarantined, int Version, bool Reused);

/// <summary>One row of a batch, and its items once they are prepared.</summary>
internal sealed class RowWork<TIn, TItem, TOut>(BatchWork<TIn, TItem, TOut> batch, int index, TIn row)
    where TIn : class, ISampleRow
    where TOut : class
{
    private int open;

    public BatchWork<TIn, TItem, TOut> Batch => batch;

    public int Index => index;

    public TIn Row => row;

    public IReadOnlyList<Item<TItem>> Items { get; private set; } = [];

    public void Prepared(IReadOnlyList<Item<TItem>> items)
    {
        Items = items;
        open = items.Count;
        batch.Prepared(index, items.Count);
    }

    /// <summary>True for the call that completes the row.</summary>
    public bool ItemDone() => Interlocked.Decrement(ref open) == 0;
}

/// <summary>One item and where its result goes.</summary>
internal readonly record struct ItemWork<TIn, TItem, TOut>(RowWork<TIn, TItem, TOut> Row, int Index)
    where TIn : class, ISampleRow
    where TOut : class
{
    public Item<TItem> Item => Row.Items[Index];
}

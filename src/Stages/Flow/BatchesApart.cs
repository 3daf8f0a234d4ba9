using Pipeline.Sdk;

namespace Pipeline.Stages.Flow;

/// <summary>Calls for the items of one batch after the other, where a call for all of them hung: so only the batch fails that it is about.</summary>
internal static class BatchesApart
{
    /// <summary>Gives each item its outcome, in order.</summary>
    public static async Task<IReadOnlyList<Outcome<TResult>>> CallAsync<TIn, TItem, TResult, TOut>(
        ItemWork<TIn, TItem, TOut>[] items,
        Func<ItemWork<TIn, TItem, TOut>[], Task<IReadOnlyList<Outcome<TResult>>>> call
    )
        where TIn : class, ISampleRow
        where TOut : class
    {
        var outcomes = new Dictionary<ItemWork<TIn, TItem, TOut>, Outcome<TResult>>(items.Length);
        foreach (var batch in items.GroupBy(work => work.Row.Batch, (_, works) => works.ToArray()))
        {
            foreach (var (work, outcome) in batch.Zip(await call(batch)))
            {
                outcomes[work] = outcome;
            }
        }

        return Array.ConvertAll(items, work => outcomes[work]);
    }
}

namespace Pipeline.Sdk;

/// <summary>A stage that works through rows: prepare in parallel, infer in micro-batches, finish in parallel.</summary>
/// <remarks>All three are called from several threads at once. A result depends on its own item alone, never on its neighbours in a
/// micro-batch. An exception from <see cref="Prepare"/> or <see cref="Finish"/> sets that sample aside in quarantine; one from
/// <see cref="InferAsync"/> has the micro-batch halved until the guilty items are found, which are set aside; when it refuses every item of
/// a batch, and more than one, the model is broken and the batch fails. Null counts as an exception. One that says that a fault passes (<see cref="TryAgainException"/>,
/// or a time-out, an I/O error, a lack of memory) makes no item guilty: the batch is tried again later.</remarks>
/// <typeparam name="TIn">The columns that the stage reads, one row; each property says where from by <see cref="ReadsAttribute"/>.</typeparam>
/// <typeparam name="TItem">What the model is given.</typeparam>
/// <typeparam name="TResult">What the model gives back.</typeparam>
/// <typeparam name="TOut">The columns that the stage adds, one row.</typeparam>
public interface IStage<TIn, TItem, TResult, TOut>
    where TIn : class, ISampleRow
    where TOut : class
{
    /// <summary>Turns a row into items: none, one, or one for each variant. CPU work such as decoding belongs here.</summary>
    IReadOnlyList<Item<TItem>> Prepare(TIn row);

    /// <summary>One model call; gives one result for each item, in order.</summary>
    ValueTask<IReadOnlyList<TResult>> InferAsync(IReadOnlyList<Item<TItem>> items, CancellationToken stop);

    /// <summary>Calls hold at most so many items from now on, because larger ones lacked memory: a model that pads its calls to one size pads them to this one.</summary>
    void LimitCalls(int items) { }

    /// <summary>Turns a result into a row. CPU work such as encoding belongs here.</summary>
    TOut Finish(Item<TItem> item, TResult result);
}

using System.Globalization;
using System.Threading.Tasks.Dataflow;
using Pipeline.Messages;
using Pipeline.Sdk;
using Pipeline.Stages.Isolation;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Flow;

/// <summary>The dataflow graph into which a stage is poured:
/// read shard → prepare (parallel) → micro-batch → infer → finish (parallel) → write shard → publish, acknowledge.</summary>
/// <remarks>Every block is bounded, and the batches held are bounded by the consumer's prefetch. No delegate throws: what goes wrong is carried
/// with its item, row or batch, and each batch is settled for itself. A micro-batch may hold items of several batches; one that is not full is
/// sent as soon as no row is on its way to it.</remarks>
/// <typeparam name="TIn">The row that the stage reads.</typeparam>
/// <typeparam name="TItem">What its model is given.</typeparam>
/// <typeparam name="TResult">What its model gives back.</typeparam>
/// <typeparam name="TOut">The row that it writes.</typeparam>
public sealed class StageGraph<TIn, TItem, TResult, TOut> : IStageGraph, IAsyncDisposable
    where TIn : class, ISampleRow
    where TOut : class
{
    private readonly IStage<TIn, TItem, TResult, TOut> stage;
    private readonly FlowContext context;
    private readonly FlowOptions options;
    private readonly BatchOutcomes<TIn, TItem, TOut> outcomes;
    private readonly CancellationTokenSource stopping = new();
    private readonly BatchesInside inside = new();
    private readonly InPlace inPlace;
    private readonly Circuit circuit;
    private readonly RunLane lane;
    private readonly ModelCalls<TItem, TResult> calls;
    private readonly BufferBlock<BatchWork<TIn, TItem, TOut>> accepted;
    private readonly TransformManyBlock<BatchWork<TIn, TItem, TOut>, RowWork<TIn, TItem, TOut>> read;
    private readonly TransformBlock<RowWork<TIn, TItem, TOut>, RowWork<TIn, TItem, TOut>> prepare;
    private readonly ActionBlock<RowWork<TIn, TItem, TOut>> gather;
    private readonly TransformManyBlock<ItemWork<TIn, TItem, TOut>[], (ItemWork<TIn, TItem, TOut> Work, TResult Result)> infer;
    private readonly ActionBlock<(ItemWork<TIn, TItem, TOut> Work, TResult Result)> finish;
    private readonly ActionBlock<BatchWork<TIn, TItem, TOut>> write;
    private List<ItemWork<TIn, TItem, TOut>> gathered;
    private int rowsOnTheWay;

    /// <summary>Builds the graph; it works as soon as a batch is accepted.</summary>
    public StageGraph(IStage<TIn, TItem, TResult, TOut> stage, FlowContext context, FlowOptions options)
    {
        this.stage = TimedStage<TIn, TItem, TResult, TOut>.Of(stage, context, stopping.Token);
        this.context = context;
        this.options = options;
        inPlace = new InPlace(context.Clock);
        circuit = new Circuit(options.FailuresInRow);
        outcomes = new BatchOutcomes<TIn, TItem, TOut>(context, circuit);
        lane = context.Lanes.Join(options.Lanes, context.Weight);
        calls = new ModelCalls<TItem, TResult>(CallAsync, stage.LimitCalls, context, options.MicroBatch);
        gathered = new List<ItemWork<TIn, TItem, TOut>>(options.MicroBatch);
        accepted = new(new DataflowBlockOptions { BoundedCapacity = options.Prefetch });
        read = new(ReadAsync, Bounded(2, options.Prefetch));
        prepare = new(Prepare, Bounded(options.Workers, 2 * options.Workers));
        gather = new(GatherAsync, Bounded(1, 2 * options.Workers));
        infer = new(InferAsync, Bounded(options.Lanes + 1, options.Lanes + 1)); // one waits for its turn while the others have theirs
        finish = new(Finish, Bounded(options.Workers, Math.Max(2 * options.Workers, options.MicroBatch)));
        write = new(WriteAsync, Bounded(2, options.Prefetch));
        var link = new DataflowLinkOptions { PropagateCompletion = true };
        accepted.LinkTo(read, link);
        read.LinkTo(prepare, link);
        prepare.LinkTo(gather, link);
        infer.LinkTo(finish, link);
    }

    Circuit IStageGraph.Circuit => circuit;

    /// <summary>Takes a delivery of <see cref="BatchReady"/> in; waits while the graph is full. The graph settles the delivery; once it
    /// stops it settles none, and leaves them to the consumer, which gives them back when it is disposed.</summary>
    public async Task AcceptAsync(IDelivery delivery)
    {
        var work = new BatchWork<TIn, TItem, TOut>(delivery, delivery.Message.Read<BatchReady>())
        {
            Started = context.Clock.GetTimestamp(),
        };
        inside.Enter();
        if (!await accepted.SendAsync(work))
        {
            inside.Leave();
        }
    }

    /// <summary>Completes when every batch that was accepted is settled. The consumer that feeds the graph must be stopped before.</summary>
    public Task WhenEmptyAsync() => inside.WhenEmptyAsync();

    /// <summary>Stops: what is inside is given up, and its deliveries are left to the consumer, which gives them back.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        accepted.Complete();
        await gather.Completion;
        infer.Complete();
        await finish.Completion;
        write.Complete();
        await write.Completion;
        lane.Dispose();
        stopping.Dispose();
        if (context.Isolation is { } isolation)
        {
            await isolation.DisposeAsync();
        }
    }

    private bool IsOver(BatchWork<TIn, TItem, TOut> batch) => stopping.IsCancellationRequested || batch.Error is not null;

    private static ExecutionDataflowBlockOptions Bounded(int parallel, int capacity) =>
        new()
        {
            MaxDegreeOfParallelism = parallel,
            BoundedCapacity = Math.Max(parallel, capacity),
            EnsureOrdered = false,
        };

    private async Task<IEnumerable<RowWork<TIn, TItem, TOut>>> ReadAsync(BatchWork<TIn, TItem, TOut> work)
    {
        try
        {
            context.Isolation?.Begin(work.Delivery.Redelivered);
            work.Expected = outcomes.Expected(work.Message, options.MicroBatch);
            var rows = await inPlace.TryAsync(() => RowsAsync(work), outcomes.Key(work), stopping.Token);
            if (work is { Shard: null, Standing: null, IsOutdated: false } && work.Begin(rows.Count))
            {
                Interlocked.Add(ref rowsOnTheWay, rows.Count);
                return rows.Select((row, index) => new RowWork<TIn, TItem, TOut>(work, index, row));
            }
        }
        catch (Exception error)
        {
            work.Fail(error);
        }

        await write.SendAsync(work);
        return [];
    }

    /// <summary>The batch's rows; none when its valid shard is there.</summary>
    private async Task<IReadOnlyList<TIn>> RowsAsync(BatchWork<TIn, TItem, TOut> work)
    {
        work.Shard = await outcomes.FindAsync(work, stopping.Token);
        work.Standing = work.Shard is null ? await outcomes.StandingAsync(work.Message.Batch, stopping.Token) : null;
        if (work.Shard is not null || work.Standing is not null)
        {
            return [];
        }

        if (await outcomes.IsOutdatedAsync(work.Message, stopping.Token))
        {
            work.IsOutdated = true;
            return [];
        }

        context.At(string.Create(CultureInfo.InvariantCulture, $"{context.Stage}:batch.{work.Message.Batch}"));
        return await RowReader<TIn>.ReadAsync(context.Store, work.Message.Shards, stopping.Token);
    }

    private RowWork<TIn, TItem, TOut> Prepare(RowWork<TIn, TItem, TOut> row)
    {
        var started = context.Clock.GetTimestamp();
        try
        {
            row.Prepared(IsOver(row.Batch) ? [] : stage.Prepare(row.Row) ?? throw Null("Prepare", "items"));
        }
        catch (Exception error)
        {
            row.Batch.SetAside(context.Stage, row.Row, row.Row.VariantId, error);
            row.Prepared([]);
        }

        context.Meter.Worked(context.Clock.GetElapsedTime(started));
        return row;
    }

    private async Task GatherAsync(RowWork<TIn, TItem, TOut> row)
    {
        if (row.Items.Count == 0)
        {
            await RowsDoneAsync(row.Batch, 1);
        }

        for (var index = 0; index < row.Items.Count; index++)
        {
            if (context.Isolation?.IsSuspect(row.Items[index]) == true)
            {
                await infer.SendAsync([new ItemWork<TIn, TItem, TOut>(row, index)]);
                continue;
            }

            gathered.Add(new ItemWork<TIn, TItem, TOut>(row, index));
            if (gathered.Count == options.MicroBatch)
            {
                await SendGatheredAsync();
            }
        }

        if (Interlocked.Decrement(ref rowsOnTheWay) == 0 && gathered.Count > 0)
        {
            await SendGatheredAsync();
        }
    }

    private async Task SendGatheredAsync()
    {
        await infer.SendAsync([.. gathered]);
        gathered = new List<ItemWork<TIn, TItem, TOut>>(options.MicroBatch);
    }

    private async Task<IEnumerable<(ItemWork<TIn, TItem, TOut> Work, TResult Result)>> InferAsync(ItemWork<TIn, TItem, TOut>[] items)
    {
        if (items is [{ Row.Batch.Error: null } suspect] && context.Isolation is { } isolation && isolation.IsSuspect(suspect.Item))
        {
            context.Meter.Called(1, options.MicroBatch);
            await TryAloneAsync(suspect, isolation);
            return [];
        }

        var failed = Array.FindAll(items, work => work.Row.Batch.Error is not null);
        items = [.. items.Except(failed)];
        var done = new List<(ItemWork<TIn, TItem, TOut> Work, TResult Result)>(items.Length);
        foreach (var work in failed)
        {
            await ItemDoneAsync(work); // its batch is tried again as a whole
        }

        foreach (var (work, outcome) in items.Zip(await OutcomesAsync(items)))
        {
            if (outcome is { Error: null, Value: { } value })
            {
                done.Add((work, value));
                continue;
            }

            Refuse(work, outcome.Error ?? Null("InferAsync", "a result"));
            await ItemDoneAsync(work);
        }

        return done;
    }

    /// <summary>An item that processes died with is done in a child process, when it is the run's turn on this host.</summary>
    private async Task TryAloneAsync(ItemWork<TIn, TItem, TOut> work, StageIsolation isolation)
    {
        var (row, item) = (work.Row, work.Item);
        try
        {
            await lane.TakeAsync(stopping.Token);
            try
            {
                var wanted = new IsolatedItem(row.Batch.Message.Shards, row.Index, work.Index, item.SampleId, item.VariantId);
                row.Batch.Put(row.Index, work.Index, await isolation.TryAsync<TOut>(wanted, stopping.Token));
            }
            finally
            {
                lane.GiveBack();
            }
        }
        catch (IsolatedException error) when (error.Refused)
        {
            row.Batch.Refuse(work, error);
        }
        catch (IsolatedException error)
        {
            row.Batch.SetAside(context.Stage, row.Row, item.VariantId, error);
        }
        catch (Exception error)
        {
            row.Batch.Fail(error);
        }

        await ItemDoneAsync(work);
    }

    private async Task<IReadOnlyList<Outcome<TResult>>> OutcomesAsync(ItemWork<TIn, TItem, TOut>[] items)
    {
        try
        {
            var results = await calls.CallAsync(Array.ConvertAll(items, work => work.Item), stopping.Token);
            foreach (var batch in items.Select(work => work.Row.Batch).Distinct())
            {
                batch.CalledWith(results.CallSize);
            }

            return results.Outcomes;
        }
        catch (TimeLimitException) when (items.DistinctBy(work => work.Row.Batch).Count() > 1)
        {
            return await BatchesApart.CallAsync(items, OutcomesAsync);
        }
        catch (Exception error)
        {
            return [.. items.Select(_ => new Outcome<TResult>(default, error))];
        }
    }

    /// <summary>What the item is not guilty of fails its batch; else it is guilty.</summary>
    private static void Refuse(ItemWork<TIn, TItem, TOut> work, Exception error)
    {
        if (TransientFault.Of(error) is not null || error is TimeLimitException)
        {
            work.Row.Batch.Fail(error);
        }
        else
        {
            work.Row.Batch.Refuse(work, error);
        }
    }

    /// <summary>One model call, when it is the run's turn on this host.</summary>
    private async ValueTask<IReadOnlyList<TResult>> CallAsync(IReadOnlyList<Item<TItem>> items, CancellationToken stop)
    {
        await lane.TakeAsync(stop);
        var started = context.Clock.GetTimestamp();
        try
        {
            stop.ThrowIfCancellationRequested(); // the turn may have come before the request could be taken back
            using var call = context.Isolation?.Enter(items);
            return await stage.InferAsync(items, stop);
        }
        finally
        {
            lane.GiveBack();
            context.Meter.Worked(context.Clock.GetElapsedTime(started));
        }
    }

    private async Task Finish((ItemWork<TIn, TItem, TOut> Work, TResult Result) inferred)
    {
        var started = context.Clock.GetTimestamp();
        var (work, result) = inferred;
        try
        {
            if (!IsOver(work.Row.Batch))
                work.Row.Batch.Put(work.Row.Index, work.Index, stage.Finish(work.Item, result) ?? throw Null("Finish", "a row"));
        }
        catch (Exception error)
        {
            work.Row.Batch.SetAside(context.Stage, work.Row.Row, work.Item.VariantId, error);
        }

        context.Meter.Worked(context.Clock.GetElapsedTime(started));
        await ItemDoneAsync(work);
    }

    private Task ItemDoneAsync(ItemWork<TIn, TItem, TOut> work) =>
        work.Row.ItemDone() ? RowsDoneAsync(work.Row.Batch, 1) : Task.CompletedTask;

    private Task RowsDoneAsync(BatchWork<TIn, TItem, TOut> batch, int rows) =>
        batch.RowsDone(rows) ? write.SendAsync(batch) : Task.CompletedTask;

    private async Task WriteAsync(BatchWork<TIn, TItem, TOut> work)
    {
        if (!stopping.IsCancellationRequested)
        {
            await FinishAsync(work);
        }

        inside.Leave(); // unsettled after a stop: the consumer gives it back
    }

    private async Task FinishAsync(BatchWork<TIn, TItem, TOut> work)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token, work.Delivery.Lost);
            await inPlace.TryAsync(() => outcomes.FinishAsync(work, stopping.Token), outcomes.Key(work), limit.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // given back by the consumer
        }
        catch (Exception) when (work.Delivery.Lost.IsCancellationRequested)
        {
            // comes again by itself
        }
        catch (Exception error)
        {
            await TryAgainAsync(work, error);
        }
    }

    /// <summary>The outcome could be neither written nor told, so it is no outcome yet: the batch comes again, as often as it takes.</summary>
    private async Task TryAgainAsync(BatchWork<TIn, TItem, TOut> work, Exception error)
    {
        context.Notice($"{context.Stage} batch {work.Message.Batch} could not be settled and is tried again: {error.Message}");
        try
        {
            await outcomes.PutAsideAsync(work, TransientFault.Of(error) ?? new TransientFault(TransientKind.Store));
        }
        catch (Exception second)
        {
            context.Notice($"{context.Stage} batch {work.Message.Batch} could not be put aside: {second.Message}");
        }
    }

    private static InvalidOperationException Null(string method, string wanted) =>
        new($"{method} gave null; it must give {wanted}. Correct the stage.");
}

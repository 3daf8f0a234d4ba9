using System.Collections.Concurrent;
using System.Globalization;
using Pipeline.Sdk;

namespace Pipeline.Stages.Flow;

/// <summary>A stage of which each call is waited for no longer than a limit; one that does not come back is left behind with its thread.</summary>
/// <remarks>A thread cannot be ended from outside: it stays until its call comes back or the process ends. Only a child process can be killed.</remarks>
internal sealed class TimedStage<TIn, TItem, TResult, TOut> : IStage<TIn, TItem, TResult, TOut>
    where TIn : class, ISampleRow
    where TOut : class
{
    /// <summary>For the calls under way when the graph stops.</summary>
    private static readonly TimeSpan Parting = TimeSpan.FromSeconds(10);

    private readonly IStage<TIn, TItem, TResult, TOut> stage;
    private readonly FlowContext context;
    private readonly TimeSpan limit;
    private readonly CancellationToken stop;
    private readonly CancellationToken parted;
    private readonly ConcurrentBag<SpareThread> free = [];

    private TimedStage(IStage<TIn, TItem, TResult, TOut> stage, FlowContext context, TimeSpan limit, CancellationToken stop)
    {
        (this.stage, this.context, this.limit, this.stop) = (stage, context, limit, stop);
        var parting = new CancellationTokenSource(Timeout.InfiniteTimeSpan, context.Clock);
        parted = parting.Token;
        stop.Register(() => Part(parting));
    }

    /// <summary>The stage with the limit of its context; the stage itself where there is none.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="context">Says the limit.</param>
    /// <param name="stop">The graph stops.</param>
    public static IStage<TIn, TItem, TResult, TOut> Of(
        IStage<TIn, TItem, TResult, TOut> stage,
        FlowContext context,
        CancellationToken stop
    ) => context.TimeLimit is { } limit ? new TimedStage<TIn, TItem, TResult, TOut>(stage, context, limit, stop) : stage;

    /// <inheritdoc/>
    public IReadOnlyList<Item<TItem>> Prepare(TIn row) =>
        CallAsync(() => stage.Prepare(row), () => $"Prepare of {row.VariantId ?? row.SampleId}").GetAwaiter().GetResult();

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<TResult>> InferAsync(IReadOnlyList<Item<TItem>> items, CancellationToken stop)
    {
        string Call() => string.Create(CultureInfo.InvariantCulture, $"InferAsync of {items.Count} items, the first {Name(items[0])},");
        using var late = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var started = context.Clock.GetTimestamp();
        Task<IReadOnlyList<TResult>>? call = null;
        try
        {
            call = await CallAsync(() => stage.InferAsync(items, late.Token).AsTask(), Call);
            var left = limit - context.Clock.GetElapsedTime(started);
            return await call.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, context.Clock, parted);
        }
        catch (TimeoutException) when (call is { IsCompleted: false })
        {
            await late.CancelAsync(); // it may look at its token yet
            throw Late(Call());
        }
        catch (TimeLimitException)
        {
            await late.CancelAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public void LimitCalls(int items) => stage.LimitCalls(items);

    /// <inheritdoc/>
    public TOut Finish(Item<TItem> item, TResult result) =>
        CallAsync(() => stage.Finish(item, result), () => $"Finish of {Name(item)}").GetAwaiter().GetResult();

    private static string Name(Item<TItem> item) => item.VariantId ?? item.SampleId;

    /// <summary>Makes a call on a spare thread.</summary>
    private async Task<T> CallAsync<T>(Func<T> call, Func<string> what)
    {
        var outcome = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = free.TryTake(out var spare) ? spare : new SpareThread();
        thread.Begin(() =>
        {
            if (Make(call, outcome) && !stop.IsCancellationRequested)
            {
                free.Add(thread);
            }
            else
            {
                thread.End();
            }
        });
        await using var limiting = context.Clock.CreateTimer(_ => Leave(outcome, what), null, limit, Timeout.InfiniteTimeSpan);
        await using var parting = parted.Register(() => outcome.TrySetCanceled(parted));
        return await outcome.Task;
    }

    /// <summary>False when nobody waits for it any more.</summary>
    private static bool Make<T>(Func<T> call, TaskCompletionSource<T> outcome)
    {
        try
        {
            return outcome.TrySetResult(call());
        }
        catch (Exception error)
        {
            return outcome.TrySetException(error);
        }
    }

    private void Leave<T>(TaskCompletionSource<T> outcome, Func<string> what)
    {
        if (!outcome.Task.IsCompleted)
        {
            outcome.TrySetException(Late(what()));
        }
    }

    private TimeLimitException Late(string call) => new(context.Stage, call, limit);

    private void Part(CancellationTokenSource parting)
    {
        parting.CancelAfter(Parting);
        while (free.TryTake(out var thread))
        {
            thread.End();
        }
    }
}

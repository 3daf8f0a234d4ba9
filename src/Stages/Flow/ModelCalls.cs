using Pipeline.Sdk;

namespace Pipeline.Stages.Flow;

/// <summary>Calls a stage's model for micro-batches: in one call, or in as many as memory asks for, or in as many as find the guilty items.</summary>
/// <param name="call">One model call.</param>
/// <param name="limitCalls">Tells the model what a call holds at most, when that changes.</param>
/// <param name="context">Is told when calls become smaller.</param>
/// <param name="most">Items in one call, at the most.</param>
internal sealed class ModelCalls<TItem, TResult>(
    Func<IReadOnlyList<Item<TItem>>, CancellationToken, ValueTask<IReadOnlyList<TResult>>> call,
    Action<int> limitCalls,
    FlowContext context,
    int most
)
{
    private readonly CallLimit limit = new(most);
    private readonly InPlace inPlace = new(context.Clock);

    /// <summary>Gives each item its result or its error, in order.</summary>
    /// <remarks>What lacks memory is halved; the size that worked is the limit of all later calls. Where a <see cref="TransientFault"/> stays, all items of the call have it as their error.</remarks>
    public async Task<ModelResults<TResult>> CallAsync(IReadOnlyList<Item<TItem>> items, CancellationToken stop)
    {
        var outcomes = new List<Outcome<TResult>>(items.Count);
        var size = limit.Now;
        while (outcomes.Count < items.Count)
        {
            size = Math.Min(size, limit.Now);
            Item<TItem>[] part = [.. items.Skip(outcomes.Count).Take(size)];
            context.Meter.Called(part.Length, size);
            if (limit.IsNews(size))
            {
                limitCalls(size);
            }

            try
            {
                outcomes.AddRange(await GuiltyItems.FindAsync(part, TryAsync, stop));
                Fitted(size);
            }
            catch (Exception error) when (MemoryErrors.IsOne(error) && part.Length > 1)
            {
                context.Meter.LackedMemory();
                size = (part.Length + 1) / 2;
            }
            catch (Exception error) when (TransientFault.Of(error) is not null)
            {
                outcomes.AddRange(part.Select(_ => new Outcome<TResult>(default, error)));
            }
        }

        return new ModelResults<TResult>(outcomes, size);
    }

    private async ValueTask<IReadOnlyList<TResult>> TryAsync(IReadOnlyList<Item<TItem>> part, CancellationToken stop) =>
        await inPlace.TryAsync(() => call(part, stop).AsTask(), $"{context.Seed} {context.Stage} {part[0].SampleId}", stop);

    private void Fitted(int size)
    {
        if (limit.Lower(size))
        {
            context.Notice(
                $"{context.Stage} lacked memory: a model call holds {size} items from now on, not {most}. Set a smaller call size, so that none is tried in vain."
            );
        }
    }
}

/// <summary>What became of the items of a micro-batch.</summary>
/// <param name="Outcomes">For each item its result or its error, in order.</param>
/// <param name="CallSize">Items for which its calls had room; the least when it grew smaller meanwhile.</param>
internal readonly record struct ModelResults<TResult>(IReadOnlyList<Outcome<TResult>> Outcomes, int CallSize);

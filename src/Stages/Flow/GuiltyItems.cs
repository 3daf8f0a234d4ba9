using System.Globalization;
using Pipeline.Sdk;

namespace Pipeline.Stages.Flow;

/// <summary>Finds the items that make a model call throw, by halving.</summary>
public static class GuiltyItems
{
    /// <summary>Calls the model; if it throws, halves until the guilty items are found. At most 2·⌈log2 n⌉ + 1 calls for one guilty item in n.</summary>
    /// <typeparam name="TItem">What the model is given.</typeparam>
    /// <typeparam name="TResult">What the model gives back.</typeparam>
    /// <param name="items">One micro-batch.</param>
    /// <param name="call">The model call.</param>
    /// <param name="stop">Ends it.</param>
    /// <returns>For each item its result or its error, in order.</returns>
    /// <remarks>A fault that passes makes no item guilty: it is thrown, as is a lack of memory.</remarks>
    public static async Task<Outcome<TResult>[]> FindAsync<TItem, TResult>(
        IReadOnlyList<Item<TItem>> items,
        Func<IReadOnlyList<Item<TItem>>, CancellationToken, ValueTask<IReadOnlyList<TResult>>> call,
        CancellationToken stop
    )
    {
        stop.ThrowIfCancellationRequested();
        try
        {
            var results = await call(items, stop);
            return results?.Count == items.Count
                ? [.. results.Select(Outcome)]
                : throw new InvalidOperationException(
                    $"The model gave {results?.Count.ToString(CultureInfo.InvariantCulture) ?? "no"} results for {items.Count} items; it must give one each. Correct the backend."
                );
        }
        catch (Exception error)
            when (TransientFault.Of(error) is not null
                || error is TimeLimitException
                || (error is OperationCanceledException && stop.IsCancellationRequested)
            )
        {
            throw;
        }
        catch (Exception error) when (items.Count == 1)
        {
            return [new Outcome<TResult>(default, error)];
        }
        catch (Exception)
        {
            var half = (items.Count + 1) / 2;
            var first = await FindAsync([.. items.Take(half)], call, stop);
            var second = await FindAsync([.. items.Skip(half)], call, stop);
            return [.. first, .. second];
        }
    }

    private static Outcome<TResult> Outcome<TResult>(TResult result) =>
        result is null
            ? new Outcome<TResult>(
                default,
                new InvalidOperationException("The model gave null for an item; it must give a result. Correct the backend.")
            )
            : new Outcome<TResult>(result, null);
}

/// <summary>A result, or the error in its place.</summary>
/// <typeparam name="T">The result's type.</typeparam>
/// <param name="Value">The result; default when <paramref name="Error"/> is not null.</param>
/// <param name="Error">The error; null when there is a result.</param>
public readonly record struct Outcome<T>(T? Value, Exception? Error);

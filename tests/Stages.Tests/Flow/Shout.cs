using Pipeline.Sdk;

namespace Pipeline.Stages.Tests.Flow;

/// <summary>Writes words in capitals: <c>a+b</c> is two items, an empty word none. Each of its three parts can be made to go wrong.</summary>
internal sealed class Shout : IStage<WordInput, string, string, ShoutedRow>
{
    private readonly List<string[]> calls = [];

    /// <summary>Words that cannot be prepared.</summary>
    public Func<string, bool> Unpreparable { get; init; } = _ => false;

    /// <summary>Words for which the model throws, with every word in the same call.</summary>
    public Func<string, bool> Refused { get; init; } = _ => false;

    /// <summary>What a call of these words throws; null for nothing.</summary>
    public Func<IReadOnlyList<string>, Exception?> Fault { get; init; } = _ => null;

    /// <summary>Words whose results cannot be finished.</summary>
    public Func<string, bool> Unfinishable { get; init; } = _ => false;

    /// <summary>Awaited in each call, before the results are there.</summary>
    public Func<CancellationToken, Task> During { get; init; } = _ => Task.CompletedTask;

    /// <summary>Makes other results of the right ones.</summary>
    public Func<IReadOnlyList<string>, IReadOnlyList<string>> Results { get; init; } = results => results;

    /// <summary>Makes another list of items of the right one.</summary>
    public Func<IReadOnlyList<Item<string>>, IReadOnlyList<Item<string>>> Items { get; init; } = items => items;

    /// <summary>Makes another row of the right one.</summary>
    public Func<ShoutedRow, ShoutedRow> Row { get; init; } = row => row;

    /// <summary>The words of each model call.</summary>
    public IReadOnlyList<string[]> Calls
    {
        get
        {
            lock (calls)
            {
                return [.. calls];
            }
        }
    }

    /// <summary>What it was told that calls hold at most, and after how many calls.</summary>
    public List<(int Items, int Calls)> Limits { get; } = [];

    public void LimitCalls(int items)
    {
        lock (calls)
        {
            Limits.Add((items, calls.Count));
        }
    }

    public IReadOnlyList<Item<string>> Prepare(WordInput row)
    {
        if (Unpreparable(row.Word))
        {
            throw new FormatException($"{row.Word} is not a word; it must be one.");
        }

        var words = row.Word.Split('+', StringSplitOptions.RemoveEmptyEntries);
        return Items([
            .. words.Select((word, index) => new Item<string>(row.SampleId, words.Length > 1 ? $"{row.SampleId}-{index}" : null, word)),
        ]);
    }

    public async ValueTask<IReadOnlyList<string>> InferAsync(IReadOnlyList<Item<string>> items, CancellationToken stop)
    {
        lock (calls)
        {
            calls.Add([.. items.Select(item => item.Value)]);
        }

        await During(stop);
        if (Fault([.. items.Select(item => item.Value)]) is { } fault)
        {
            throw fault;
        }

        var refused = items.FirstOrDefault(item => Refused(item.Value));
        return refused is null
            ? Results([.. items.Select(item => item.Value.ToUpperInvariant())])
            : throw new ArithmeticException($"{refused.Value} cannot be shouted.");
    }

    public ShoutedRow Finish(Item<string> item, string result) =>
        Unfinishable(item.Value)
            ? throw new NotSupportedException($"{result} cannot be written.")
            : Row(new ShoutedRow(item.SampleId, item.VariantId, result));
}

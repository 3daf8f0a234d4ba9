using Pipeline.Sdk;

namespace Pipeline.Benchmarks.Flow;

/// <summary>Passes a number on, after a known piece of work for each sample.</summary>
/// <param name="work">Done on the caller's thread, once an item of a model call.</param>
internal sealed class NumberStage(Action work) : IStage<NumberInput, long, long, NumberRow>
{
    public IReadOnlyList<Item<long>> Prepare(NumberInput row) => [new(row.SampleId, null, row.Number)];

    public ValueTask<IReadOnlyList<long>> InferAsync(IReadOnlyList<Item<long>> items, CancellationToken stop)
    {
        var results = new long[items.Count];
        for (var index = 0; index < results.Length; index++)
        {
            work();
            results[index] = items[index].Value;
        }

        return ValueTask.FromResult<IReadOnlyList<long>>(results);
    }

    public NumberRow Finish(Item<long> item, long result) => new(item.SampleId, result);
}

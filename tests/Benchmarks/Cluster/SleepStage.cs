using Pipeline.Benchmarks.Flow;
using Pipeline.Sdk;

namespace Pipeline.Benchmarks.Cluster;

/// <summary>Passes numbers on; each call sleeps for a known time, as one does that waits for a device.</summary>
/// <param name="sleep">How long a call of up to a micro-batch takes.</param>
internal sealed class SleepStage(TimeSpan sleep) : IStage<NumberInput, long, long, NumberRow>
{
    public IReadOnlyList<Item<long>> Prepare(NumberInput row) => [new(row.SampleId, null, row.Number)];

    public async ValueTask<IReadOnlyList<long>> InferAsync(IReadOnlyList<Item<long>> items, CancellationToken stop)
    {
        await Task.Delay(sleep, TimeProvider.System, stop);
        return [.. items.Select(item => item.Value)];
    }

    public NumberRow Finish(Item<long> item, long result) => new(item.SampleId, result);
}

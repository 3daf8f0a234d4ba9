using Pipeline.Sdk;

namespace Example;

/// <summary>Measures the size of each encoded image.</summary>
/// <remarks>A result depends on its own item alone: not on its neighbours, the order of calls or the clock.</remarks>
public sealed class ExampleStage(ExampleOptions options, StageContext context) : IStage<IngestedImage, byte[], double, ExampleRow>
{
    /// <summary>Makes an item of a row: CPU work such as decoding, in parallel.</summary>
    public IReadOnlyList<Item<byte[]>> Prepare(IngestedImage row) => [new(row.SampleId, null, context.Bytes(row))];

    /// <summary>One call of the model; gives one result for each item, in order.</summary>
    public ValueTask<IReadOnlyList<double>> InferAsync(IReadOnlyList<Item<byte[]>> items, CancellationToken stop) =>
        new([.. items.Select(item => (double)item.Value.Length / options.UnitBytes)]);

    /// <summary>Makes a row of a result, in parallel.</summary>
    public ExampleRow Finish(Item<byte[]> item, double result) => new(item.SampleId, result);
}

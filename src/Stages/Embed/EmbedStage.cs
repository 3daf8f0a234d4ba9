using Pipeline.Models;
using Pipeline.Sdk;
using Pipeline.Stages.Seeing;

namespace Pipeline.Stages.Embed;

/// <summary>Puts every image, original or edit, into an encoder's space.</summary>
/// <remarks>
/// <para>Reads the encoded bytes; adds <c>embedding</c>, halves. One row out for each row in, in the same order.</para>
/// <para>Repeats: an embedding depends neither on neighbours nor on the place in a call, which is padded to one size.</para>
/// <para>Failure: an image that cannot be decoded is quarantined alone; out of memory halves the calls.</para>
/// </remarks>
/// <typeparam name="TIn">The row that is read.</typeparam>
/// <typeparam name="TOut">The row that is written.</typeparam>
/// <param name="encoder">Disposed with the stage.</param>
/// <param name="bytes">The encoded image of a row.</param>
/// <param name="row">Makes a row of a sample, a variant and an embedding.</param>
public sealed class EmbedStage<TIn, TOut>(IImageTextEncoder encoder, Func<TIn, byte[]> bytes, Func<Item<float[]>, Half[], TOut> row)
    : IStage<TIn, float[], Half[], TOut>,
        IDisposable
    where TIn : class, ISampleRow
    where TOut : class
{
    /// <inheritdoc/>
    public IReadOnlyList<Item<float[]>> Prepare(TIn row) => [new(row.SampleId, row.VariantId, encoder.Prepare(bytes(row)))];

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Half[]>> InferAsync(IReadOnlyList<Item<float[]>> items, CancellationToken stop) =>
        new([.. encoder.EmbedImages([.. items.Select(item => item.Value)], stop).Select(StoredEmbedding.Of)]);

    /// <inheritdoc/>
    public void LimitCalls(int items) => encoder.CallSize = items;

    /// <inheritdoc/>
    public TOut Finish(Item<float[]> item, Half[] result) => row(item, result);

    /// <inheritdoc/>
    public void Dispose() => encoder.Dispose();
}

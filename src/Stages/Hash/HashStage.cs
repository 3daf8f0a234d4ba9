using Pipeline.Models.Duplicates;
using Pipeline.Sdk;

namespace Pipeline.Stages.Hash;

/// <summary>Gives every image, original or edit, a hash of what it looks like.</summary>
/// <remarks>
/// <para>Reads the encoded bytes; adds <c>hash</c>. One row out for each row in, in the same order.</para>
/// <para>Repeats: a hash depends on its own bytes alone.</para>
/// <para>Failure: an image that cannot be decoded is quarantined alone.</para>
/// </remarks>
/// <typeparam name="TIn">The row that is read.</typeparam>
/// <typeparam name="TOut">The row that is written.</typeparam>
/// <param name="bytes">The encoded image of a row.</param>
/// <param name="row">Makes a row of a sample, a variant and a hash.</param>
public sealed class HashStage<TIn, TOut>(Func<TIn, byte[]> bytes, Func<Item<long>, TOut> row) : IStage<TIn, long, long, TOut>
    where TIn : class, ISampleRow
    where TOut : class
{
    /// <inheritdoc/>
    public IReadOnlyList<Item<long>> Prepare(TIn row) => [new(row.SampleId, row.VariantId, unchecked((long)PerceptualHash.Of(bytes(row))))];

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<long>> InferAsync(IReadOnlyList<Item<long>> items, CancellationToken stop) =>
        new([.. items.Select(item => item.Value)]);

    /// <inheritdoc/>
    public TOut Finish(Item<long> item, long result) => row(item);
}

using Pipeline.Models;
using Pipeline.Sdk;

namespace Pipeline.Stages.Safety;

/// <summary>Says of every image, original or edit, whether it should be shown.</summary>
/// <remarks>
/// <para>Reads the encoded bytes; adds a verdict. One row out for each row in, in the same order.</para>
/// <para>Repeats: a verdict depends neither on neighbours nor on the place in a call, which is padded to one size.</para>
/// <para>Failure: an image that cannot be decoded is quarantined alone.</para>
/// </remarks>
/// <typeparam name="TIn">The row that is read.</typeparam>
/// <typeparam name="TOut">The row that is written.</typeparam>
/// <param name="checker">Disposed with the stage.</param>
/// <param name="bytes">The encoded image of a row.</param>
/// <param name="row">Makes a row of a sample, a variant and a verdict.</param>
public sealed class SafetyStage<TIn, TOut>(ISafetyChecker checker, Func<TIn, byte[]> bytes, Func<Item<float[]>, SafetyVerdict, TOut> row)
    : IStage<TIn, float[], SafetyVerdict, TOut>,
        IDisposable
    where TIn : class, ISampleRow
    where TOut : class
{
    /// <inheritdoc/>
    public IReadOnlyList<Item<float[]>> Prepare(TIn row) => [new(row.SampleId, row.VariantId, checker.Prepare(bytes(row)))];

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SafetyVerdict>> InferAsync(IReadOnlyList<Item<float[]>> items, CancellationToken stop) =>
        new(checker.Check([.. items.Select(item => item.Value)], stop));

    /// <inheritdoc/>
    public void LimitCalls(int items) => checker.CallSize = items;

    /// <inheritdoc/>
    public TOut Finish(Item<float[]> item, SafetyVerdict result) => row(item, result);

    /// <inheritdoc/>
    public void Dispose() => checker.Dispose();
}

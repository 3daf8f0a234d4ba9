using Pipeline.Models;
using Pipeline.Models.Images;
using Pipeline.Sdk;

namespace Pipeline.Stages.Caption;

/// <summary>Gives every image one sentence that says what is in it.</summary>
/// <remarks>
/// <para>Reads the ingested bytes; adds <c>caption</c>. One row out for each row in, in the same order.</para>
/// <para>Repeats: a row gets an equal caption however it is micro-batched.</para>
/// <para>Failure: unreadable bytes quarantine that sample alone.</para>
/// </remarks>
/// <param name="captioner">Writes the captions.</param>
/// <param name="root">Folder that uris are relative to.</param>
public sealed class CaptionStage(ICaptioner captioner, string root) : IStage<IngestedImage, RgbImage, string, CaptionRow>
{
    /// <inheritdoc/>
    public IReadOnlyList<Item<RgbImage>> Prepare(IngestedImage row) =>
        [new(row.SampleId, null, ImageDecoder.Decode(SampleBytes.Read(root, row)))];

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> InferAsync(IReadOnlyList<Item<RgbImage>> items, CancellationToken stop) =>
        captioner.CaptionAsync([.. items.Select(item => item.Value)], stop);

    /// <inheritdoc/>
    public CaptionRow Finish(Item<RgbImage> item, string result) => new(item.SampleId, result.Trim());
}

using Pipeline.Models;
using Pipeline.Models.Semantic;
using Pipeline.Sdk;
using Pipeline.Stages.Seeing;

namespace Pipeline.Stages.Semantic;

/// <summary>Holds the originals against the semantic filter's rule: one that real images do not pass says nothing about edits.</summary>
/// <remarks>
/// <para>Reads the ingested bytes, or embeddings where there are; adds what the filter would say of each original. Nothing is dropped.</para>
/// <para>Repeats: as the filter does.</para>
/// <para>Failure: an image that cannot be decoded is quarantined alone.</para>
/// </remarks>
public sealed class SemanticOriginalsStage : IStage<SemanticOriginal, SeenImage, SemanticJudgement, SemanticOriginalRow>, IDisposable
{
    private readonly IImageTextEncoder encoder;
    private readonly string root;
    private readonly SemanticRule rule;

    /// <summary>Embeds the prompts.</summary>
    /// <param name="encoder">Disposed with the stage.</param>
    /// <param name="prompts">What images should show and what not.</param>
    /// <param name="root">Folder that uris are relative to.</param>
    public SemanticOriginalsStage(IImageTextEncoder encoder, SemanticPrompts prompts, string root)
    {
        (this.encoder, this.root) = (encoder, root);
        rule = new SemanticRule(prompts.Tasks, prompts.Negatives, all => encoder.EmbedTexts(all, CancellationToken.None), encoder.Scale);
    }

    /// <inheritdoc/>
    public IReadOnlyList<Item<SeenImage>> Prepare(SemanticOriginal row) =>
        [
            new(
                row.SampleId,
                null,
                SeenImage.Of(
                    row.Embedding,
                    () => SampleBytes.Read(root, row.Uri, row.Container, row.Offset, row.Length, row.Image),
                    encoder
                )
            ),
        ];

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SemanticJudgement>> InferAsync(IReadOnlyList<Item<SeenImage>> items, CancellationToken stop) =>
        new([.. SeenImage.Embed([.. items.Select(item => item.Value)], encoder, stop).Select(image => rule.Judge(image))]);

    /// <inheritdoc/>
    public void LimitCalls(int items) => encoder.CallSize = items;

    /// <inheritdoc/>
    public SemanticOriginalRow Finish(Item<SeenImage> item, SemanticJudgement result) =>
        new(item.SampleId, result.IsKept, result.Score, result.Best);

    /// <inheritdoc/>
    public void Dispose() => encoder.Dispose();
}

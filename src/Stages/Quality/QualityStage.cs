using Pipeline.Models;
using Pipeline.Models.Images;
using Pipeline.Models.Quality;
using Pipeline.Sdk;
using Pipeline.Stages.Seeing;

namespace Pipeline.Stages.Quality;

/// <summary>An edit as the check takes it.</summary>
/// <param name="Edit">The edit, for the predictor; null without one.</param>
/// <param name="Source">Its source, for the predictor; null without one.</param>
/// <param name="Sharpness">Measured from its pixels.</param>
/// <param name="Exposure">Measured from its pixels.</param>
public sealed record MeasuredEdit(SeenImage? Edit, SeenImage? Source, double Sharpness, Exposure Exposure);

/// <summary>Measures how good an edit is as a picture: aesthetic score beside its source's, sharpness, exposure.</summary>
/// <remarks>
/// <para>Reads the edits, and embeddings where there are; adds figures and a verdict for each edit, in order.</para>
/// <para>Repeats: scores are computed from stored halves, so that they are the same whether a stage before has embedded the images or this one does.</para>
/// <para>Failure: an edit that cannot be decoded is quarantined alone.</para>
/// </remarks>
/// <param name="encoder">Disposed with the stage; null without a predictor.</param>
/// <param name="scorer">The predictor; null for none.</param>
/// <param name="limits">What edits are held against.</param>
/// <param name="root">Folder that uris are relative to.</param>
public sealed class QualityStage(IImageTextEncoder? encoder, IQualityScorer? scorer, QualityLimits limits, string root)
    : IStage<QualityInput, MeasuredEdit, QualityFigures, QualityRow>,
        IDisposable
{
    /// <inheritdoc/>
    public IReadOnlyList<Item<MeasuredEdit>> Prepare(QualityInput row)
    {
        var image = ImageDecoder.Decode(row.Image);
        var measured = new MeasuredEdit(
            encoder is null ? null : SeenImage.Of(row.Embedding, () => row.Image, encoder),
            encoder is null
                ? null
                : SeenImage.Of(
                    row.SourceEmbedding,
                    () => SampleBytes.Read(root, row.Uri, row.Container, row.Offset, row.Length, row.Source),
                    encoder
                ),
            Sharpness.Measure(image),
            Exposure.Measure(image)
        );
        return [new(row.SampleId, row.VariantId, measured)];
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<QualityFigures>> InferAsync(IReadOnlyList<Item<MeasuredEdit>> items, CancellationToken stop)
    {
        var wanted = items.SelectMany(item => (SeenImage?[])[item.Value.Edit, item.Value.Source]).OfType<SeenImage>().ToList();
        var scores =
            encoder is null || scorer is null
                ? []
                : SeenImage.Embed(wanted, encoder, stop).Select(embedding => scorer.Score(embedding)).ToList();
        return new([
            .. items.Select(
                (item, index) =>
                    new QualityFigures(
                        scores.Count == 0 ? null : scores[2 * index],
                        scores.Count == 0 ? null : scores[(2 * index) + 1],
                        (float)item.Value.Sharpness,
                        (float)item.Value.Exposure.Shadows,
                        (float)item.Value.Exposure.Highlights,
                        (float)item.Value.Exposure.Luminance
                    )
            ),
        ]);
    }

    /// <inheritdoc/>
    public void LimitCalls(int items)
    {
        if (encoder is not null)
        {
            encoder.CallSize = items;
        }
    }

    /// <inheritdoc/>
    public QualityRow Finish(Item<MeasuredEdit> item, QualityFigures result) =>
        new(
            item.SampleId,
            item.VariantId ?? throw new InvalidOperationException("An edit has no variant id; it must have one."),
            limits.Verdict(result),
            result.Score,
            result.SourceScore,
            result.Score - result.SourceScore,
            result.Sharpness,
            result.Shadows,
            result.Highlights,
            result.Luminance
        );

    /// <inheritdoc/>
    public void Dispose() => encoder?.Dispose();
}

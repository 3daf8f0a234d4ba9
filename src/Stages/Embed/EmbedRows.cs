using Pipeline.Sdk;

namespace Pipeline.Stages.Embed;

/// <summary>An edit whose embedding is wanted.</summary>
public sealed record EditImage(
    [Reads("edit", "sample_id")] string SampleId,
    [Reads("edit", "variant_id")] string VariantId,
    [Reads("edit", "image")] byte[] Image
) : ISampleRow
{
    string? ISampleRow.VariantId => VariantId;
}

/// <summary>What the embedding of originals adds.</summary>
/// <param name="SampleId">The sample.</param>
/// <param name="Embedding">The image in the encoder's space, of length 1 before it was rounded to halves.</param>
public sealed record EmbeddingRow(string SampleId, Half[] Embedding);

/// <summary>What the embedding of edits adds.</summary>
/// <param name="SampleId">The edit's source.</param>
/// <param name="VariantId">The edit.</param>
/// <param name="Embedding">The edit in the encoder's space, of length 1 before it was rounded to halves.</param>
public sealed record EditEmbeddingRow(string SampleId, string VariantId, Half[] Embedding);

using Pipeline.Sdk;

namespace Pipeline.Stages.Quality;

/// <summary>What the quality check reads of an edit; embeddings where a stage before has computed them.</summary>
public sealed record QualityInput(
    [Reads("edit", "sample_id")] string SampleId,
    [Reads("edit", "variant_id")] string VariantId,
    [Reads("edit", "image")] byte[] Image,
    [Reads("ingest", "uri")] string Uri,
    [Reads("ingest", "container")] string? Container,
    [Reads("ingest", "offset")] long Offset,
    [Reads("ingest", "length")] long Length,
    [Reads("ingest", "image")] byte[]? Source,
    [Reads("embed", "embedding", IsOptional = true)] Half[]? SourceEmbedding,
    [Reads("embed-edits", "embedding", IsOptional = true)] Half[]? Embedding
) : ISampleRow
{
    string? ISampleRow.VariantId => VariantId;
}

/// <summary>What the quality check adds: figures and a verdict for every edit, kept or not.</summary>
/// <param name="SampleId">The edit's source.</param>
/// <param name="VariantId">The edit.</param>
/// <param name="Verdict"><c>keep</c>, <c>low_score</c>, <c>large_gap</c>, <c>blurred</c> or <c>badly_exposed</c>: the first that applies.</param>
/// <param name="Score">Aesthetic score of the edit, about 1 to 10; null without a predictor.</param>
/// <param name="SourceScore">That of its source; null without a predictor.</param>
/// <param name="Gap">The edit's score less its source's; null without a predictor.</param>
/// <param name="Sharpness">Variance of the Laplacian, squared grey levels.</param>
/// <param name="Shadows">Share of nearly black pixels, 0 to 1.</param>
/// <param name="Highlights">Share of nearly white pixels, 0 to 1.</param>
/// <param name="Luminance">Mean luma, 0 (black) to 1 (white).</param>
public sealed record QualityRow(
    string SampleId,
    string VariantId,
    string Verdict,
    float? Score,
    float? SourceScore,
    float? Gap,
    float Sharpness,
    float Shadows,
    float Highlights,
    float Luminance
);

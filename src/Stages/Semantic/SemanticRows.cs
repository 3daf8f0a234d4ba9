using Pipeline.Sdk;

namespace Pipeline.Stages.Semantic;

/// <summary>What the semantic filter reads of an edit; embeddings where a stage before has computed them.</summary>
public sealed record SemanticInput(
    [Reads("edit", "sample_id")] string SampleId,
    [Reads("edit", "variant_id")] string VariantId,
    [Reads("edit", "image")] byte[] Image,
    [Reads("edit", "prompt")] string Prompt,
    [Reads("ingest", "uri")] string Uri,
    [Reads("ingest", "container")] string? Container,
    [Reads("ingest", "offset")] long Offset,
    [Reads("ingest", "length")] long Length,
    [Reads("ingest", "image")] byte[]? Source,
    [Reads("ingest", "label_name")] string LabelName,
    [Reads("embed", "embedding", IsOptional = true)] Half[]? SourceEmbedding,
    [Reads("embed-edits", "embedding", IsOptional = true)] Half[]? Embedding
) : ISampleRow
{
    string? ISampleRow.VariantId => VariantId;
}

/// <summary>What the semantic filter adds: a verdict for every edit, kept or not.</summary>
/// <param name="SampleId">The edit's source.</param>
/// <param name="VariantId">The edit.</param>
/// <param name="Verdict"><c>keep</c>, <c>off_topic</c>, <c>far_from_source</c>, <c>far_from_prompt</c> or <c>wrong_direction</c>: the first that applies.</param>
/// <param name="Score">Softmax mass of the task prompts, 0 to 1; no limit is held against it.</param>
/// <param name="Best">The likeliest of all texts.</param>
/// <param name="ImageToSource">Cosine of the edit to its source, -1 to 1.</param>
/// <param name="ImageToPrompt">Cosine of the edit to its prompt, -1 to 1.</param>
/// <param name="Directional">Cosine between the change of the image and the change of the text, -1 to 1.</param>
public sealed record SemanticRow(
    string SampleId,
    string VariantId,
    string Verdict,
    float Score,
    string Best,
    float ImageToSource,
    float ImageToPrompt,
    float Directional
);

/// <summary>What the health figure reads of an original.</summary>
public sealed record SemanticOriginal(
    [Reads("ingest", "sample_id")] string SampleId,
    [Reads("ingest", "uri")] string Uri,
    [Reads("ingest", "container")] string? Container,
    [Reads("ingest", "offset")] long Offset,
    [Reads("ingest", "length")] long Length,
    [Reads("ingest", "image")] byte[]? Image,
    [Reads("embed", "embedding", IsOptional = true)] Half[]? Embedding
) : ISampleRow;

/// <summary>What the semantic filter would say of an original. Nothing is dropped by it.</summary>
/// <param name="SampleId">The sample.</param>
/// <param name="Passes">Whether the filter would keep it.</param>
/// <param name="Score">Softmax mass of the task prompts, 0 to 1.</param>
/// <param name="Best">The likeliest of all texts.</param>
public sealed record SemanticOriginalRow(string SampleId, bool Passes, float Score, string Best);

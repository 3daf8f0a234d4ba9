using Pipeline.Sdk;

namespace Pipeline.Stages.Filter;

/// <summary>What the filter reads of an edit.</summary>
public sealed record FilterInput(
    [Reads("edit", "sample_id")] string SampleId,
    [Reads("edit", "variant_id")] string VariantId,
    [Reads("edit", "image")] byte[] Image,
    [Reads("ingest", "label")] int Label
) : ISampleRow
{
    string? ISampleRow.VariantId => VariantId;
}

/// <summary>What the filter adds: a verdict for every edit, kept or not.</summary>
/// <param name="SampleId">The edit's source.</param>
/// <param name="VariantId">The edit.</param>
/// <param name="Verdict"><c>keep</c>, <c>too_easy</c> or <c>mislabelled</c>.</param>
/// <param name="Predicted">The class that the base classifier predicts.</param>
/// <param name="Confidence">Its softmax probability, 0 to 1.</param>
/// <param name="Threshold">What the confidence was held against; 2 for a class without training images.</param>
public sealed record FilterRow(string SampleId, string VariantId, string Verdict, int Predicted, float Confidence, float Threshold);

using Pipeline.Sdk;

namespace Pipeline.Stages.Safety;

/// <summary>An edit that is checked.</summary>
public sealed record CheckedEdit(
    [Reads("edit", "sample_id")] string SampleId,
    [Reads("edit", "variant_id")] string VariantId,
    [Reads("edit", "image")] byte[] Image
) : ISampleRow
{
    string? ISampleRow.VariantId => VariantId;
}

/// <summary>What the check of edits adds.</summary>
/// <param name="SampleId">The edit's source.</param>
/// <param name="VariantId">The edit.</param>
/// <param name="Verdict"><c>keep</c> or <c>unsafe</c>.</param>
/// <param name="Score">How sure the checker is, on its own scale.</param>
/// <param name="Why">The class or concept that decided; empty when not flagged.</param>
public sealed record SafetyRow(string SampleId, string VariantId, string Verdict, float Score, string Why);

/// <summary>What the check of originals adds.</summary>
/// <param name="SampleId">The sample.</param>
/// <param name="Flagged">Whether the checker flags it.</param>
/// <param name="Verdict"><c>keep</c>, or <c>unsafe</c> where flagged originals are dropped.</param>
/// <param name="Score">How sure the checker is, on its own scale.</param>
/// <param name="Why">The class or concept that decided; empty when not flagged.</param>
public sealed record OriginalSafetyRow(string SampleId, bool Flagged, string Verdict, float Score, string Why);

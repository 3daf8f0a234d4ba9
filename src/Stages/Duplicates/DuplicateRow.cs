namespace Pipeline.Stages.Duplicates;

/// <summary>One row of the duplicates shard: an image, original or edit, that looks like another one.</summary>
/// <param name="SampleId">The original, or the edit's source.</param>
/// <param name="VariantId">The edit; null for an original.</param>
/// <param name="Verdict"><c>keep</c>, or <c>duplicates_test</c> for a training image that is left out because one of another split looks like it.</param>
/// <param name="Group">Images of one group look alike, directly or through others; from 0.</param>
/// <param name="Split">The image's split.</param>
/// <param name="NearestSample">The nearest image that it looks like, one of another side (training or not) first.</param>
/// <param name="NearestVariant">That one's edit; null where it is an original.</param>
/// <param name="NearestSplit">That one's split.</param>
/// <param name="Distance">Bits in which the hashes of both differ; null where the hashes did not tell.</param>
/// <param name="Cosine">Cosine of both embeddings; null where embeddings did not tell.</param>
public sealed record DuplicateRow(
    string SampleId,
    string? VariantId,
    string Verdict,
    int Group,
    string Split,
    string NearestSample,
    string? NearestVariant,
    string NearestSplit,
    int? Distance,
    float? Cosine
);

/// <summary>What a search came to. Lies in <c>duplicates.json</c> beside the shard.</summary>
/// <param name="Images">Originals and edits that were compared.</param>
/// <param name="Embedded">Of these, the ones whose embeddings were compared too.</param>
/// <param name="WithinTraining">Pairs of training images, those of one source left out.</param>
/// <param name="AcrossSplits">Pairs of a training image and one of another split.</param>
/// <param name="OutsideTraining">Pairs of images of other splits.</param>
/// <param name="DroppedSamples">Originals that are left out.</param>
/// <param name="DroppedEdits">Edits that are left out for themselves; those of dropped originals go with them.</param>
public sealed record DuplicatesSummary(
    int Images,
    int Embedded,
    long WithinTraining,
    long AcrossSplits,
    long OutsideTraining,
    int DroppedSamples,
    int DroppedEdits
);

using Pipeline.Sdk;

namespace Pipeline.Stages.Hash;

/// <summary>An edit whose hash is wanted.</summary>
public sealed record HashedEdit(
    [Reads("edit", "sample_id")] string SampleId,
    [Reads("edit", "variant_id")] string VariantId,
    [Reads("edit", "image")] byte[] Image
) : ISampleRow
{
    string? ISampleRow.VariantId => VariantId;
}

/// <summary>What the hashing of originals adds.</summary>
/// <param name="SampleId">The sample.</param>
/// <param name="Hash">64 bits of what the picture looks like; near-duplicates differ in few of them.</param>
public sealed record HashRow(string SampleId, long Hash);

/// <summary>What the hashing of edits adds.</summary>
/// <param name="SampleId">The edit's source.</param>
/// <param name="VariantId">The edit.</param>
/// <param name="Hash">64 bits of what the edit looks like; near-duplicates differ in few of them.</param>
public sealed record EditHashRow(string SampleId, string VariantId, long Hash);

namespace Pipeline.Stages.Runs.Lineage;

/// <summary>A sample or a variant of a run, as its files name it.</summary>
/// <param name="SampleId">32 hexadecimal digits; null when the source file was never given an id.</param>
/// <param name="VariantId">32 hexadecimal digits; null when it is the sample itself.</param>
/// <param name="Uri">The source file, relative to the input's root; null where only the sample's own row says it.</param>
/// <param name="Batch">Index of its batch.</param>
public sealed record LineageSubject(string? SampleId, string? VariantId, string? Uri, int Batch)
{
    /// <summary>The id of the variant, or of the sample; null for a file without one.</summary>
    public string? Id => VariantId ?? SampleId;

    /// <summary>For a line of a list: <c>variant 2f0c… of sample 81aa…</c>.</summary>
    public override string ToString() =>
        VariantId is not null ? $"variant {VariantId} of sample {SampleId}"
        : SampleId is not null ? $"sample {SampleId} ({Uri})"
        : $"file {Uri}";
}

namespace Pipeline.Stages.Flow;

/// <summary>A sample, or one variant of it, that was set aside with its error. Lies in <c>quarantine/{stage}/{batch:D8}.json</c>.</summary>
/// <param name="SampleId">The sample; null when it could not even be given an id, as an unreadable file.</param>
/// <param name="VariantId">The variant; null when the whole sample is set aside.</param>
/// <param name="Stage">The stage that set it aside.</param>
/// <param name="Batch">Index of its batch.</param>
/// <param name="Kind">Kind of the error, for example <c>truncated</c>.</param>
/// <param name="Message">What was found and what was wanted.</param>
/// <param name="Uri">The source file, relative to the input's root, where it is known.</param>
public sealed record QuarantineRow(string? SampleId, string? VariantId, string Stage, int Batch, string Kind, string Message, string? Uri);

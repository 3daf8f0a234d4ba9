namespace Pipeline.Stages.Select;

/// <summary>An edit that every stage before has judged.</summary>
/// <param name="SampleId">Its source, 32 hexadecimal digits.</param>
/// <param name="VariantId">The edit, 32 hexadecimal digits; there once.</param>
/// <param name="Label">Class of the source, from 0.</param>
/// <param name="Variant">Number of the variant under its prompt, from 0.</param>
/// <param name="Batch">Index of the edit's shard.</param>
/// <param name="Verdict"><c>keep</c>, or the first of <see cref="DropReasons.Verdicts"/> that applies.</param>
public sealed record Candidate(string SampleId, string VariantId, int Label, int Variant, int Batch, string Verdict);

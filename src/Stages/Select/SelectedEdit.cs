namespace Pipeline.Stages.Select;

/// <summary>One row of the select shard: an edit of the augmented training set.</summary>
/// <param name="SampleId">Its source, 32 hexadecimal digits.</param>
/// <param name="VariantId">The edit, 32 hexadecimal digits; more than once only where edits were drawn with replacement.</param>
/// <param name="Batch">Index of the edit's shard.</param>
/// <param name="Label">Class, from 0.</param>
public sealed record SelectedEdit(string SampleId, string VariantId, int Batch, int Label);

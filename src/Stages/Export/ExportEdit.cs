namespace Pipeline.Stages.Export;

/// <summary>An edit that goes into the training set.</summary>
/// <param name="VariantId">The edit, 32 hexadecimal digits; given twice, it is written twice.</param>
/// <param name="Batch">Index of the edit's shard.</param>
public readonly record struct ExportEdit(string VariantId, int Batch);

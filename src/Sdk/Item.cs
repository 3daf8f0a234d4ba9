namespace Pipeline.Sdk;

/// <summary>One unit of a stage's work: a sample, or one variant of it.</summary>
/// <typeparam name="T">What the model is given.</typeparam>
/// <param name="SampleId">The sample, 32 hexadecimal digits.</param>
/// <param name="VariantId">The variant, 32 hexadecimal digits; null when the item is the sample itself.</param>
/// <param name="Value">What the model is given.</param>
public sealed record Item<T>(string SampleId, string? VariantId, T Value);

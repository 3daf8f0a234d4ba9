namespace Example;

/// <summary>What the stage adds: each property is a column.</summary>
/// <param name="SampleId">The sample; the key of the row.</param>
/// <param name="Size">Size of the encoded image, in units.</param>
public sealed record ExampleRow(string SampleId, double Size);

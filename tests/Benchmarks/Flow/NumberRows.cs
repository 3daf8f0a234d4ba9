using Pipeline.Sdk;

namespace Pipeline.Benchmarks.Flow;

/// <summary>A row of the source.</summary>
/// <param name="SampleId">The sample.</param>
/// <param name="Number">What the stages pass on.</param>
public sealed record NumberRow(string SampleId, long Number);

/// <summary>What each stage reads: the source's row, joined to the shard of the stage before by its sample.</summary>
/// <param name="SampleId">The sample.</param>
/// <param name="Number">What the source says.</param>
public sealed record NumberInput([Reads("source", "sample_id")] string SampleId, [Reads("source", "number")] long Number) : ISampleRow;

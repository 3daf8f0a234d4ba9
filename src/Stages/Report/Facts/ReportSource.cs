using Pipeline.Shards.Stores;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Report.Facts;

/// <summary>The run that a report is about.</summary>
/// <param name="Store">The store of the output directory.</param>
/// <param name="Run">The run's id.</param>
/// <param name="Seed">The run's seed.</param>
/// <param name="Pipeline">The resolved pipeline.</param>
/// <param name="InputRoot">Folder that the uris of samples are relative to.</param>
public sealed record ReportSource(IShardStore Store, string Run, long Seed, PipelineDefinition Pipeline, string InputRoot);

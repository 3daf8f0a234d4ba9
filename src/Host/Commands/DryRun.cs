using Pipeline.Stages.Ingest;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Host.Commands;

/// <summary>Says what a run would do, and writes nothing.</summary>
internal static class DryRun
{
    public static async Task PrintAsync(RunSettings settings, TextWriter output, CancellationToken stop)
    {
        var pipeline = RunSession.Read(settings.Pipeline, settings.Sets);
        var ingest = pipeline.Stages.Select(stage => stage.Options).OfType<IngestOptions>().First();
        var source = IngestSource.Open(Path.GetFullPath(settings.Input), ingest);
        var entries = source.Entries().Take(settings.Limit ?? int.MaxValue).ToList();
        foreach (var stage in pipeline.Stages)
        {
            var needs = stage.Kind.Needs.Count > 0 ? $", waits for {string.Join(", ", stage.Kind.Needs)}" : "";
            var makes = stage.Kind.Makes is { } made ? $", makes {made}" : "";
            await output.WriteLineAsync(
                $"{stage.Name}: after {(stage.After.Count > 0 ? string.Join(", ", stage.After) : "nothing")}{needs}{makes}"
            );
        }

        await output.WriteLineAsync();
        await output.WriteLineAsync(PipelineFile.Write(pipeline));
        await output.WriteLineAsync($"input {source.Root} ({source.Format}): {entries.Count} samples, {source.ClassNames.Count} classes");
        foreach (var split in entries.GroupBy(entry => entry.Split).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            var classes = split.GroupBy(entry => entry.LabelName).OrderBy(group => group.Key, StringComparer.Ordinal);
            await output.WriteLineAsync(
                $"  {split.Key}: {split.Count()} ({string.Join(", ", classes.Select(group => $"{group.Key} {group.Count()}"))})"
            );
        }

        var batches = (entries.Count + ingest.Batch - 1) / ingest.Batch;
        await output.WriteLineAsync($"{batches} batches of {ingest.Batch}. Nothing was written.");
    }
}

using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Runs;

/// <summary>The originals that stages leave out.</summary>
public static class LeftOutSamples
{
    private const string Keep = "keep";

    /// <summary>Reasons by sample, as far as the shards are there. The first stage in the pipeline's order gives the reason.</summary>
    /// <param name="shards">The run's.</param>
    /// <param name="pipeline">Its stages.</param>
    /// <param name="stage">Whose use of originals it is: only stages that it follows, directly or through others, have a say.</param>
    /// <param name="stop">Ends the reading.</param>
    public static async Task<IReadOnlyDictionary<string, string>> ReadAsync(
        RunShards shards,
        PipelineDefinition pipeline,
        string stage,
        CancellationToken stop
    )
    {
        var upstream = pipeline.Upstream(stage).ToHashSet(StringComparer.Ordinal);
        var left = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var judge in pipeline.Stages.Where(judge => judge.Kind is ISampleJudge && upstream.Contains(judge.Name)))
        {
            await foreach (var (_, rows) in shards.ReadAllAsync<VerdictRow>(judge.Name, stop))
            {
                foreach (var row in rows.Where(row => row.VariantId is null && row.Verdict != Keep))
                {
                    left.TryAdd(row.SampleId, row.Verdict);
                }
            }
        }

        return left;
    }

    private sealed record VerdictRow(string SampleId, string? VariantId, string Verdict);
}

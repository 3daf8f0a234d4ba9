using Pipeline.Models.Images;
using Pipeline.Stages.Ingest;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Runs.Plans;

/// <summary>What a run will come to, stage by stage in the pipeline's order.</summary>
/// <param name="Stages">The plans; null for a stage that cannot tell.</param>
/// <param name="Cores">Cores that share the work.</param>
/// <param name="Trials">Samples on which work was tried.</param>
public sealed record RunPlan(IReadOnlyList<(string Stage, StagePlan? Plan)> Stages, int Cores, int Trials)
{
    private const int MostTrials = 8;

    /// <summary>Bytes that the run leaves on the disk.</summary>
    public long Bytes => Stages.Sum(stage => stage.Plan?.Bytes ?? 0);

    /// <summary>How long it takes when all cores are at work all the time.</summary>
    public TimeSpan Time => new(Stages.Sum(stage => stage.Plan?.Work.Ticks ?? 0) / Cores);

    /// <summary>Looks ahead.</summary>
    /// <param name="pipeline">The resolved pipeline.</param>
    /// <param name="source">The input.</param>
    /// <param name="entries">Its samples, as many as the run takes.</param>
    /// <param name="clock">Measures the trials.</param>
    public static RunPlan Of(PipelineDefinition pipeline, IngestSource source, IReadOnlyList<SourceEntry> entries, TimeProvider clock)
    {
        var site = new PlanSite
        {
            Pipeline = pipeline,
            Splits = entries.CountBy(entry => entry.Split).ToDictionary(StringComparer.Ordinal),
            Classes = source.ClassNames.Count,
            SampleBytes = entries.Count > 0 ? entries.Average(entry => (double)entry.Size) : 0,
            Samples = [.. Spread(entries).Select(entry => Read(source.Root, entry)).OfType<TrialSample>()],
            Clock = clock,
        };
        return Of(site, Environment.ProcessorCount);
    }

    /// <summary>Asks every stage.</summary>
    /// <param name="site">What the stages are given.</param>
    /// <param name="cores">Cores that share the work, at least 1.</param>
    public static RunPlan Of(PlanSite site, int cores)
    {
        var plans = new List<(string, StagePlan?)>();
        foreach (var stage in site.Pipeline.Stages)
        {
            var plan = (stage.Kind as IPlannedKind)?.Plan(stage, site);
            plans.Add((stage.Name, plan));
            if (plan is not null)
            {
                site.Add(stage.Name, plan);
            }
        }

        return new RunPlan(plans, cores, site.Samples.Count);
    }

    private static IEnumerable<SourceEntry> Spread(IReadOnlyList<SourceEntry> entries) =>
        Enumerable
            .Range(0, Math.Min(MostTrials, entries.Count))
            .Select(at => entries[at * entries.Count / Math.Min(MostTrials, entries.Count)]);

    /// <summary>Null for a sample that a run would quarantine.</summary>
    private static TrialSample? Read(string root, SourceEntry entry)
    {
        try
        {
            var bytes = File.ReadAllBytes(Path.Combine(root, entry.Uri));
            ImageDecoder.Decode(bytes);
            return new TrialSample(bytes, entry.LabelName);
        }
        catch (Exception error) when (error is ImageRejectedException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

using Pipeline.Models.Hub;
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
    /// <param name="models">The models on this machine.</param>
    /// <param name="clock">Measures the trials.</param>
    /// <param name="stop">Ends the reading of samples.</param>
    public static async Task<RunPlan> OfAsync(
        PipelineDefinition pipeline,
        IngestSource source,
        IReadOnlyList<SourceEntry> entries,
        ModelLibrary models,
        TimeProvider clock,
        CancellationToken stop
    )
    {
        var samples = new List<TrialSample>();
        foreach (var entry in Spread(entries))
        {
            if (await ReadAsync(source.Root, entry, stop) is { } sample)
                samples.Add(sample);
        }

        var site = new PlanSite
        {
            Pipeline = pipeline,
            Splits = entries.CountBy(entry => entry.Split).ToDictionary(StringComparer.Ordinal),
            Classes = source.ClassNames.Count,
            SampleBytes = entries.Count > 0 ? entries.Average(entry => (double)entry.Size) : 0,
            Samples = samples,
            Models = models,
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

    /// <summary>An entry as it may be kept for a plan: only the first ones hold bytes that are no range of a file.</summary>
    public static SourceEntry Keep(SourceEntry entry, int index) =>
        entry.Fetch is null || index < MostTrials ? entry : entry with { Fetch = null };

    /// <summary>From all over the input; where the bytes come with the listing, the first ones; none that would have to be downloaded.</summary>
    private static IEnumerable<SourceEntry> Spread(IReadOnlyList<SourceEntry> entries)
    {
        var count = Math.Min(MostTrials, entries.Count);
        return entries.Any(entry => entry.Fetch is not null)
            ? entries.Take(count).Where(entry => entry.Size > 0)
            : Enumerable.Range(0, count).Select(at => entries[at * entries.Count / count]);
    }

    /// <summary>Null for a sample that a run would quarantine.</summary>
    private static async Task<TrialSample?> ReadAsync(string root, SourceEntry entry, CancellationToken stop)
    {
        if ((await SampleReader.BytesAsync(root, entry, stop)).Bytes is not { } bytes)
        {
            return null;
        }

        try
        {
            ImageDecoder.Decode(bytes);
            return new TrialSample(bytes, entry.LabelName);
        }
        catch (ImageRejectedException)
        {
            return null;
        }
    }
}

using Pipeline.Models.Hub;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Runs.Plans;

/// <summary>A sample of the input on which work is tried.</summary>
/// <param name="Bytes">The encoded image; it can be decoded.</param>
/// <param name="LabelName">Its class.</param>
public sealed record TrialSample(byte[] Bytes, string LabelName);

/// <summary>What a stage is given to look ahead with.</summary>
public sealed class PlanSite
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(0.3); // the first calls are compiled while they run
    private static readonly TimeSpan Trial = TimeSpan.FromSeconds(0.3);

    private readonly Dictionary<string, StagePlan> plans = new(StringComparer.Ordinal);
    private readonly Dictionary<string, object> measured = new(StringComparer.Ordinal);

    /// <summary>The resolved pipeline.</summary>
    public required PipelineDefinition Pipeline { get; init; }

    /// <summary>Samples of the input by split.</summary>
    public required IReadOnlyDictionary<string, int> Splits { get; init; }

    /// <summary>Classes of the input.</summary>
    public required int Classes { get; init; }

    /// <summary>Mean bytes of a sample's file.</summary>
    public required double SampleBytes { get; init; }

    /// <summary>A few samples from all over the input; empty when none of those looked at can be decoded.</summary>
    public required IReadOnlyList<TrialSample> Samples { get; init; }

    /// <summary>The models on this machine.</summary>
    public ModelLibrary Models { get; init; } = ModelLibrary.Open(null);

    /// <summary>Measures the trials.</summary>
    public required TimeProvider Clock { get; init; }

    /// <summary>All samples.</summary>
    public int Count => Splits.Values.Sum();

    /// <summary>Samples of the training split.</summary>
    public int Training => Splits.GetValueOrDefault("train");

    /// <summary>The plan of a stage that stands earlier in the pipeline; nothing for one that cannot tell.</summary>
    public StagePlan Of(string stage) => plans.GetValueOrDefault(stage) ?? new StagePlan { Rows = 0, Bytes = 0 };

    /// <summary>The plan of what makes an artifact; null when no stage does.</summary>
    public StagePlan? Maker(string artifact) => MakerOf(artifact) is { } maker ? Of(maker.Name) : null;

    /// <summary>Time of one core to apply an artifact to one image.</summary>
    public TimeSpan ArtifactUse(string artifact) =>
        MakerOf(artifact) is { Kind: IPlannedKind kind } maker ? kind.ArtifactUse(maker, this) : TimeSpan.Zero;

    /// <summary>Mean time of <paramref name="work"/> on one sample, on one core; zero without samples.</summary>
    public TimeSpan Try(Action<TrialSample> work)
    {
        if (Samples.Count == 0)
        {
            return TimeSpan.Zero;
        }

        Repeat(work, WarmUp);
        return Repeat(work, Trial);
    }

    /// <summary>Measures once, however often it is asked for.</summary>
    /// <typeparam name="T">What is measured.</typeparam>
    public T Once<T>(string what, Func<T> measure)
        where T : class
    {
        if (measured.GetValueOrDefault(what) is not T known)
        {
            known = measure();
            measured[what] = known;
        }

        return known;
    }

    internal void Add(string stage, StagePlan plan) => plans[stage] = plan;

    private StageDefinition? MakerOf(string artifact) => Pipeline.Stages.FirstOrDefault(stage => stage.Kind.Makes == artifact);

    private TimeSpan Repeat(Action<TrialSample> work, TimeSpan atLeast)
    {
        var (count, started) = (0, Clock.GetTimestamp());
        TimeSpan elapsed;
        do
        {
            work(Samples[count++ % Samples.Count]);
            elapsed = Clock.GetElapsedTime(started);
        } while (elapsed < atLeast || count < Samples.Count);
        return elapsed / count;
    }
}

using System.Collections.Concurrent;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Runs.Topology;

/// <summary>One version of a run's topology with its pipeline read.</summary>
/// <param name="Version">Its number.</param>
/// <param name="From">To which batches what it changed applies.</param>
/// <param name="Pipeline">The pipeline.</param>
/// <param name="Paused">Stages that take nothing.</param>
/// <param name="Change">What was changed, in a sentence.</param>
public sealed record TopologyStep(
    int Version,
    TopologyFrom From,
    PipelineDefinition Pipeline,
    IReadOnlyList<string> Paused,
    string Change = ""
);

/// <summary>Every version of a run's topology, and the way of a batch in each: pure, and never changed.</summary>
/// <remarks>A batch goes through exactly the stages of the plan of the version with which it is stamped. The plan of a version is its pipeline, with what
/// later versions changed from the start; so plans of old versions change too, and a batch that comes on a way that its plan no longer has is superseded.</remarks>
public sealed class TopologyHistory
{
    private readonly IReadOnlyList<TopologyStep> steps;
    private readonly Dictionary<int, PipelineDefinition> plans;
    private readonly Dictionary<(string Stage, int Version), int> setAt = [];
    private readonly ConcurrentDictionary<(string Stage, int Version), int> stamps = new();

    /// <summary>Takes the versions of a run since it was last asked for as a whole.</summary>
    /// <param name="steps">One or more, in ascending order of numbers without gaps.</param>
    public TopologyHistory(IReadOnlyList<TopologyStep> steps)
    {
        this.steps = steps;
        plans = steps.ToDictionary(step => step.Version, step => step.Pipeline);
        foreach (var (before, change) in steps.Zip(steps.Skip(1)).Where(pair => pair.Second.From == TopologyFrom.Start))
        {
            foreach (var version in steps.Select(step => step.Version).Where(version => version < change.Version))
            {
                var plan = plans[version];
                plans[version] = Amended(plan, before.Pipeline, change.Pipeline);
                foreach (var stage in plans[version].Stages.Where(stage => !stage.DoesAs(plan.Find(stage.Name))))
                {
                    setAt[(stage.Name, version)] = change.Version;
                }
            }
        }

        All = Together();
    }

    /// <summary>The history of a run that was never changed.</summary>
    public static TopologyHistory Of(PipelineDefinition pipeline) => new([new TopologyStep(1, TopologyFrom.Start, pipeline, [])]);

    /// <summary>The versions, oldest first.</summary>
    public IReadOnlyList<TopologyStep> Steps => steps;

    /// <summary>The oldest version that has a part in the run.</summary>
    public int Oldest => steps[0].Version;

    /// <summary>The newest version.</summary>
    public int Newest => steps[^1].Version;

    /// <summary>Whether there is but one version, so that nothing is to be asked of it.</summary>
    public bool IsPlain => steps.Count == 1;

    /// <summary>The pipeline of the newest version.</summary>
    public PipelineDefinition Pipeline => steps[^1].Pipeline;

    /// <summary>Every stage that the run has or had, each as it is in the newest version that has it; what works over the whole run follows all that it ever followed.</summary>
    public PipelineDefinition All { get; }

    /// <summary>Stages that take nothing until they are resumed.</summary>
    public IReadOnlyList<string> Paused => steps[^1].Paused;

    /// <summary>The way of batches with this stamp; one from before the run was last asked for counts as the oldest.</summary>
    public PipelineDefinition Plan(int version) => plans[Math.Clamp(version, Oldest, Newest)];

    /// <summary>The stage as batches with this stamp pass it; null when they do not.</summary>
    public StageDefinition? Find(string stage, int version) => Plan(version).Find(stage);

    /// <summary>Whether a batch with this stamp comes to <paramref name="stage"/> from <paramref name="before"/>; if not, it is superseded there.</summary>
    public bool Follows(string stage, string before, int version) => Find(stage, version)?.After.Contains(before) == true;

    /// <summary>The version that last changed, from the start, the settings with which a stage does batches of this stamp; 0 when none did.</summary>
    public int SetAt(string stage, int version) => setAt.GetValueOrDefault((stage, Math.Clamp(version, Oldest, Newest)));

    /// <summary>The stages that work through rows and take a batch with this stamp from <paramref name="stage"/>.</summary>
    public IEnumerable<string> Next(string stage, int version) =>
        Plan(version).Stages.Where(next => IsRow(next) && next.After.Contains(stage)).Select(next => next.Name);

    /// <summary>The stamp with which a batch leaves a stage: the newest version in which nothing differs but what is strictly downstream of the stage.</summary>
    /// <param name="stage">The stage that publishes.</param>
    /// <param name="version">The stamp with which the batch came.</param>
    public int Stamp(string stage, int version)
    {
        var from = Math.Clamp(version, Oldest, Newest);
        return stamps.GetOrAdd(
            (stage, from),
            key => Enumerable.Range(0, Newest - from).Select(back => Newest - back).FirstOrDefault(to => Agree(stage, from, to), from)
        );
    }

    /// <summary>Stages before one, in the plan of any version.</summary>
    public IReadOnlySet<string> Before(string stage)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>([stage]);
        while (open.TryPop(out var name))
        {
            foreach (var before in plans.Values.Append(All).SelectMany(plan => plan.Find(name)?.After ?? []))
            {
                if (found.Add(before))
                {
                    open.Push(before);
                }
            }
        }

        return found;
    }

    /// <summary>Whether a stage works through rows, batch by batch.</summary>
    public static bool IsRow(StageDefinition stage) => stage.Kind is IRunnableKind { Form: StageForm.Rows };

    private static bool IsOnTheWay(StageDefinition stage) =>
        stage.Kind is not IRunnableKind { Form: StageForm.Whole or StageForm.Artifact };

    private bool Agree(string stage, int from, int to)
    {
        var (one, other) = (plans[from], plans[to]);
        var below = Below(stage, one);
        below.UnionWith(Below(stage, other));
        var rest = (PipelineDefinition plan) =>
            plan.Stages.Where(each => IsOnTheWay(each) && !below.Contains(each.Name)).OrderBy(each => each.Name, StringComparer.Ordinal);
        return other.Find(stage) is not null && rest(one).SequenceEqual(rest(other));
    }

    private static HashSet<string> Below(string stage, PipelineDefinition plan) =>
        [.. plan.Stages.Where(other => plan.Upstream(other.Name).Contains(stage)).Select(other => other.Name)];

    /// <summary>A plan with what was changed from <paramref name="before"/> to <paramref name="after"/>, where it has what that stands on.</summary>
    private static PipelineDefinition Amended(PipelineDefinition plan, PipelineDefinition before, PipelineDefinition after)
    {
        var stages = plan.Stages.ToList();
        foreach (var stage in after.Stages)
        {
            var (was, index) = (before.Find(stage.Name), stages.FindIndex(other => other.Name == stage.Name));
            var stands = stage.After.All(name => stages.Exists(other => other.Name == name));
            if (was is null && index < 0 && stands)
            {
                stages.Add(stage);
            }
            else if (was is not null && index >= 0)
            {
                var here = stages[index];
                var moved = stands && here.After.SequenceEqual(was.After) ? stage.After : here.After;
                var set = here with { After = was.After } == was ? stage with { After = moved } : here with { After = moved };
                stages[index] = set;
            }
        }

        return plan with
        {
            Stages = stages,
        };
    }

    private PipelineDefinition Together()
    {
        var newest = steps[^1].Pipeline;
        var stages = newest.Stages.ToList();
        foreach (var stage in steps.Reverse().Skip(1).SelectMany(step => step.Pipeline.Stages))
        {
            var index = stages.FindIndex(other => other.Name == stage.Name);
            if (index < 0)
            {
                stages.Add(stage);
            }
            else if (!IsOnTheWay(stages[index]))
            {
                stages[index] = stages[index] with { After = [.. stages[index].After.Union(stage.After, StringComparer.Ordinal)] };
            }
        }

        return newest with
        {
            Stages = stages,
        };
    }
}

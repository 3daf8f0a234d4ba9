using Pipeline.Sdk;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Runs.Topology;

/// <summary>What changes between two pipelines of one run.</summary>
public sealed class TopologyDifference
{
    private readonly List<string> lines = [];
    private readonly List<string> clauses = [];
    private readonly List<string> changed = [];

    private TopologyDifference(PipelineDefinition from, PipelineDefinition to)
    {
        Obstacles = TopologyRules.Obstacles(from, to);
        Warnings = [.. Ungathered(to)];
        Added = Missing(to, from);
        Removed = Missing(from, to);
    }

    /// <summary>A line each for people: <c>+ blur  after edit, before filter</c>, <c>- blur  …</c>, <c>~ filter.threshold 0.5 → 0.7</c>.</summary>
    public IReadOnlyList<string> Lines => lines;

    /// <summary>The same as one sentence without its full stop: <c>blur is added after edit, before filter; …</c>; empty when nothing changes.</summary>
    public string Sentence => string.Join("; ", clauses);

    /// <summary>Names of stages that only the second has, in its order.</summary>
    public IReadOnlyList<string> Added { get; }

    /// <summary>Names of stages that only the first has, in its order.</summary>
    public IReadOnlyList<string> Removed { get; }

    /// <summary>Names of stages that both have and that are not equal, in the second's order.</summary>
    public IReadOnlyList<string> Changed => changed;

    /// <summary>Whether stages, settings and predecessors are all equal; the order in the file does not count.</summary>
    public bool IsNone => lines.Count == 0;

    /// <summary>Why a run that is going on cannot take the second pipeline, a sentence each; empty when it can: only stages that work through rows change.</summary>
    public IReadOnlyList<string> Obstacles { get; }

    /// <summary>What a person may not have meant, a sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Compares.</summary>
    /// <param name="from">The pipeline as it is.</param>
    /// <param name="to">The pipeline as it is to be.</param>
    public static TopologyDifference Of(PipelineDefinition from, PipelineDefinition to)
    {
        var difference = new TopologyDifference(from, to);
        if (from.Name != to.Name)
        {
            difference.Tell($"~ pipeline {from.Name} → {to.Name}", $"the pipeline is named {to.Name}");
        }

        foreach (var stage in to.Stages)
        {
            if (from.Stages.FirstOrDefault(other => other.Name == stage.Name) is not { } was)
            {
                difference.Add(stage, to);
            }
            else if (!was.Equals(stage))
            {
                difference.Change(was, stage);
            }
        }

        foreach (var stage in from.Stages.Where(stage => difference.Removed.Contains(stage.Name)))
        {
            difference.Tell($"- {stage.Name}  was {Place(stage, from)}", $"{stage.Name} is removed");
        }

        return difference;
    }

    private void Add(StageDefinition stage, PipelineDefinition to)
    {
        var kind = stage.Kind.Name == stage.Name ? "" : $", of the kind {stage.Kind.Name}";
        var place = Place(stage, to);
        var plain = Activator.CreateInstance(stage.Kind.Options) is IStageOptions options ? stage with { Options = options } : stage;
        var sets = OptionChange.Of(plain, stage).Select(option => $"{option.Name}={option.To}").ToList();
        Tell(
            $"+ {stage.Name}  {place}{kind}{(sets.Count == 0 ? "" : $", {string.Join(", ", sets)}")}",
            $"{stage.Name} is added {place}{kind}"
        );
    }

    private void Change(StageDefinition was, StageDefinition stage)
    {
        changed.Add(stage.Name);
        if (was.Kind.Name != stage.Kind.Name)
        {
            Tell($"~ {stage.Name}.kind {was.Kind.Name} → {stage.Kind.Name}", $"{stage.Name} is of the kind {stage.Kind.Name}");
        }
        else if (was.Kind.Version != stage.Kind.Version)
        {
            Tell(
                $"~ {stage.Name}  version {was.Kind.Version} → {stage.Kind.Version} of its kind",
                $"{stage.Name} is of version {stage.Kind.Version} of its kind"
            );
        }

        foreach (var option in OptionChange.Of(was, stage))
        {
            Tell(
                $"~ {stage.Name}.{option.Name} {option.From} → {option.To}",
                $"{stage.Name}.{option.Name} is {option.To} instead of {option.From}"
            );
        }

        if (!was.After.SequenceEqual(stage.After))
        {
            lines.Add($"~ {stage.Name}.after {List(was.After)} → {List(stage.After)}");
            // The sentence tells what was asked for. That a stage follows a new one, or no longer a removed one, is a consequence.
            if (!stage.After.Intersect(Added).Any() && !was.After.Intersect(Removed).Any())
            {
                clauses.Add($"{stage.Name} follows {List(stage.After)}");
            }
        }
    }

    private void Tell(string line, string clause)
    {
        lines.Add(line);
        clauses.Add(clause);
    }

    private static IReadOnlyList<string> Missing(PipelineDefinition of, PipelineDefinition from) =>
        [.. of.Stages.Select(stage => stage.Name).Except(from.Stages.Select(stage => stage.Name))];

    /// <summary>Stages whose columns are gathered by one that does not wait for them.</summary>
    private static IEnumerable<string> Ungathered(PipelineDefinition pipeline) =>
        from stage in pipeline.Stages
        where stage.Kind is IGatheringKind
        from other in pipeline.Stages
        where ((IGatheringKind)stage.Kind).Gathers(other) && !pipeline.Upstream(stage.Name).Contains(other.Name)
        select $"{stage.Name} takes the columns of every stage and does not follow {other.Name}: those of batches that are not done when it begins "
            + $"will be missing. Add {other.Name} to {stage.Name}.after.";

    private static string Place(StageDefinition stage, PipelineDefinition pipeline)
    {
        var followers = pipeline
            .Stages.Where(other => other.After.Contains(stage.Name) && other.Kind is not IGatheringKind)
            .Select(other => other.Name)
            .ToList();
        var after = stage.After.Count == 0 ? "at the beginning" : $"after {string.Join(" and ", stage.After)}";
        return followers.Count > 0 ? $"{after}, before {string.Join(" and ", followers)}" : $"{after} as a side branch";
    }

    private static string List(IReadOnlyList<string> names) => names.Count == 0 ? "none" : string.Join(", ", names);
}

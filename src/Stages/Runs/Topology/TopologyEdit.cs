using Pipeline.Sdk;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Runs.Topology;

/// <summary>Changes the pipeline of a run that is going on: each gives a pipeline that has passed every check, or says all that is wrong.</summary>
public static class TopologyEdit
{
    /// <summary>What a changed pipeline is called in faults.</summary>
    private const string Changed = "the changed pipeline";

    /// <summary>Adds a stage: into the line between two others, or as a side branch.</summary>
    /// <remarks>A stage that gathers columns (<see cref="IGatheringKind"/>) follows the new one too, so that it waits for its columns.</remarks>
    /// <exception cref="PipelineFileException">The pipeline cannot be so; all that is wrong is listed at once.</exception>
    public static PipelineDefinition Add(PipelineDefinition pipeline, StageCatalog catalog, StageAddition addition)
    {
        var sets = addition.Sets.Select(set => StageSetting.Of(addition.Name, set)).ToList();
        IReadOnlyList<string> faults = [.. Misplaced(pipeline, addition), .. sets.Select(set => set.Fault).OfType<string>()];
        if (!catalog.TryFind(addition.Kind, out var kind))
        {
            throw new PipelineFileException([.. faults, UnknownKind(catalog, addition)]);
        }

        Refuse(faults);
        var added = new StageDefinition(addition.Name, kind, [addition.After], Options(kind));
        var stages = pipeline.Stages.SelectMany(stage =>
            stage.Name == addition.After ? [stage, added]
            : stage.Name == addition.Before ? [stage with { After = Replaced(stage.After, addition.After, [added.Name]) }]
            : (IEnumerable<StageDefinition>)[stage]
        );
        return Checked(pipeline, Gathered(pipeline with { Stages = [.. stages] }, added), catalog, [.. sets.Select(set => set.Text)]);
    }

    /// <summary>Removes a stage; what followed it follows what it followed.</summary>
    /// <exception cref="PipelineFileException">There is no such stage, or others need it.</exception>
    public static PipelineDefinition Remove(PipelineDefinition pipeline, StageCatalog catalog, string name)
    {
        if (pipeline.Stages.FirstOrDefault(stage => stage.Name == name) is not { } removed)
        {
            throw new PipelineFileException([
                $"The stage to remove is {name}; it must be one of {Names(pipeline)}.{Hint(pipeline, name)} Name a stage of the run.",
            ]);
        }

        var left = pipeline with
        {
            Stages = [.. pipeline.Stages.Where(stage => stage.Name != name).Select(stage => Without(pipeline, stage, removed))],
        };
        Refuse([.. TopologyRules.Removed(removed), .. Readers(left, name)]);
        return Checked(pipeline, left, catalog, []);
    }

    /// <summary>Sets options of a stage.</summary>
    /// <param name="pipeline">The pipeline as it is.</param>
    /// <param name="catalog">The kinds that its stages may be of.</param>
    /// <param name="name">The stage.</param>
    /// <param name="sets"><c>option=value</c> or <c>stage.option=value</c> each, taken in order; a list's elements stand between commas.</param>
    /// <exception cref="PipelineFileException">A value or an option is not as it must be, or the stage does not work through rows.</exception>
    public static PipelineDefinition Set(PipelineDefinition pipeline, StageCatalog catalog, string name, IReadOnlyList<string> sets)
    {
        var settings = sets.Select(set => StageSetting.Of(name, set)).ToList();
        Refuse([.. settings.Select(set => set.Fault).OfType<string>()]);
        var changed = PipelineFile.Check(pipeline, Changed, catalog, [.. settings.Select(set => set.Text)], stage => stage == name);
        Refuse(TopologyRules.Obstacles(pipeline, changed));
        return changed;
    }

    /// <summary>What is wrong with the place, before a pipeline can be put together.</summary>
    private static IEnumerable<string> Misplaced(PipelineDefinition pipeline, StageAddition addition)
    {
        var (name, after, before) = (addition.Name, addition.After, addition.Before);
        var names = pipeline.Stages.Select(stage => stage.Name).ToList();
        if (!StageName.IsGood(name))
        {
            yield return $"The new stage is named '{name}'; the name must be {StageName.Wanted}. Choose another name.";
        }
        else if (names.Contains(name))
        {
            yield return $"The name {name} is taken by a stage of the run; a new stage needs a name of its own. "
                + "Choose another name, and give the kind by --kind.";
        }

        if (!names.Contains(after))
        {
            yield return $"{name} is to follow {after}, which is no stage; it must be one of {Names(pipeline)}.{Hint(pipeline, after)} "
                + "Name a stage of the run.";
        }

        if (before is null)
        {
            yield break;
        }

        if (pipeline.Stages.FirstOrDefault(stage => stage.Name == before) is not { } follower)
        {
            yield return $"{name} is to come before {before}, which is no stage; it must be one of {Names(pipeline)}.{Hint(pipeline, before)} "
                + "Name a stage of the run.";
        }
        else if (names.Contains(after) && !follower.After.Contains(after))
        {
            var followed = follower.After.Count == 0 ? "no stage: it lists the input" : string.Join(" and ", follower.After);
            yield return $"{before} does not follow {after}, it follows {followed}; {name} can only come between two stages of which one follows "
                + $"the other directly. {Instead(follower)}";
        }
    }

    private static string Instead(StageDefinition follower) =>
        follower.After.Count == 0 ? "Name another stage." : $"Put it after {string.Join(" or ", follower.After)}, or name another stage.";

    private static string UnknownKind(StageCatalog catalog, StageAddition addition) =>
        $"The kind of {addition.Name} is {addition.Kind}; it must be {catalog.Known}.{Nearest.Hint(addition.Kind, catalog.Names)} "
        + "Give a known kind by --kind, or the folder of the plugin that has it by --plugins.";

    private static IStageOptions Options(IStageKind kind) =>
        Activator.CreateInstance(kind.Options) as IStageOptions
        ?? throw new InvalidOperationException($"{kind.Options} cannot be made without arguments; a catalog has no such kinds.");

    /// <summary>The gathering stages follow the new one, unless they do so through others.</summary>
    private static PipelineDefinition Gathered(PipelineDefinition pipeline, StageDefinition added)
    {
        var sources = Sources(pipeline, added.Name);
        return pipeline with
        {
            Stages =
            [
                .. pipeline.Stages.Select(stage =>
                    stage.Kind is IGatheringKind gathering
                    && gathering.Gathers(added)
                    && stage.Name != added.After[0]
                    && !pipeline.Upstream(stage.Name).Contains(added.Name)
                    && Sources(pipeline, stage.Name).Overlaps(sources)
                        ? stage with
                        {
                            After = [.. stage.After, added.Name],
                        }
                        : stage
                ),
            ],
        };
    }

    private static HashSet<string> Sources(PipelineDefinition pipeline, string stage)
    {
        var upstream = pipeline.Upstream(stage).Append(stage).ToHashSet(StringComparer.Ordinal);
        upstream.IntersectWith(pipeline.Stages.Where(other => other.After.Count == 0).Select(other => other.Name));
        return upstream;
    }

    /// <summary>A stage as it is when another one is gone.</summary>
    /// <remarks>A stage that works once only waits for those that it follows; what it waits for anyway need not be named.</remarks>
    private static StageDefinition Without(PipelineDefinition pipeline, StageDefinition stage, StageDefinition removed)
    {
        if (!stage.After.Contains(removed.Name))
        {
            return stage;
        }

        var others = stage.After.Where(after => after != removed.Name).ToList();
        var waited = others.Concat(others.SelectMany(pipeline.Upstream)).ToHashSet(StringComparer.Ordinal);
        var instead = stage.Kind is IRunnableKind { Form: StageForm.Whole }
            ? removed.After.Where(after => !waited.Contains(after)).ToList()
            : removed.After;
        return stage with { After = Replaced(stage.After, removed.Name, instead) };
    }

    private static IReadOnlyList<string> Replaced(IReadOnlyList<string> after, string stage, IReadOnlyList<string> instead) =>
        [.. after.SelectMany(name => name == stage ? instead : [name]).Distinct(StringComparer.Ordinal)];

    private static IEnumerable<string> Readers(PipelineDefinition left, string removed)
    {
        var readers = left
            .Stages.Select(stage =>
                (
                    stage.Name,
                    Columns: stage.Kind.Reads.Where(column => column.Split('.', 2)[0] == removed).Order(StringComparer.Ordinal).ToList()
                )
            )
            .Where(stage => stage.Columns.Count > 0)
            .ToList();
        if (readers.Count > 0)
        {
            var list = string.Join(", ", readers.Select(reader => $"{reader.Name} reads {string.Join(" and ", reader.Columns)}"));
            yield return $"{removed} cannot be removed, because {list}; a stage can go when no other reads its columns. "
                + $"Keep it, or remove {string.Join(", ", readers.Select(reader => reader.Name))} first.";
        }
    }

    /// <summary>Every check of a pipeline file, and those of a run that is going on. The values of stages that stay as they were are not checked again: their files may lie elsewhere.</summary>
    private static PipelineDefinition Checked(
        PipelineDefinition before,
        PipelineDefinition after,
        StageCatalog catalog,
        IReadOnlyList<string> sets
    )
    {
        Refuse(TopologyRules.Obstacles(before, after));
        return PipelineFile.Check(after, Changed, catalog, sets, stage => before.Stages.All(other => other.Name != stage));
    }

    private static void Refuse(IReadOnlyList<string> faults)
    {
        if (faults.Count > 0)
        {
            throw new PipelineFileException(faults);
        }
    }

    private static string Names(PipelineDefinition pipeline) => string.Join(", ", pipeline.Stages.Select(stage => stage.Name));

    private static string Hint(PipelineDefinition pipeline, string name) => Nearest.Hint(name, pipeline.Stages.Select(stage => stage.Name));
}

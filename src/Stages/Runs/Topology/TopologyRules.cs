using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Runs.Topology;

/// <summary>What may change in a pipeline while a run of it goes on: stages that work through rows, and what the others wait for.</summary>
internal static class TopologyRules
{
    private const string Remedy = "into the pipeline file and submit again";

    /// <summary>Why the run cannot go on with the other pipeline, one sentence each, all at once; empty when it can.</summary>
    public static IReadOnlyList<string> Obstacles(PipelineDefinition from, PipelineDefinition to)
    {
        var (before, after) = (ByName(from), ByName(to));
        string[] renamed =
            from.Name == to.Name
                ? []
                :
                [
                    $"The pipeline's name would change from {from.Name} to {to.Name}; a run that is going on keeps its name. "
                        + $"Write pipeline: {OptionValue.Quoted(from.Name)}.",
                ];
        return
        [
            .. renamed,
            .. to.Stages.SelectMany(stage =>
                before.GetValueOrDefault(stage.Name) is { } was ? Changed(was, stage, before, after) : Added(stage, after)
            ),
            .. from.Stages.Where(stage => !after.ContainsKey(stage.Name)).SelectMany(Removed),
        ];
    }

    private static IEnumerable<string> Added(StageDefinition stage, IReadOnlyDictionary<string, StageDefinition> stages) =>
        FormOf(stage) == StageForm.Rows
            ? WithoutBatches(stage, stages)
            : [$"{stage.Name} {WorkOf(stage)}; a stage that joins a run that is going on must work through rows. Put it {Remedy}."];

    /// <summary>Why a stage cannot leave.</summary>
    public static IEnumerable<string> Removed(StageDefinition stage)
    {
        if (FormOf(stage) == StageForm.Source)
        {
            yield return $"{stage.Name} lists the input; a source cannot be removed from a run. Submit another pipeline.";
        }
        else if (FormOf(stage) != StageForm.Rows)
        {
            yield return $"{stage.Name} {WorkOf(stage)}; a stage that leaves a run that is going on must work through rows. "
                + "Leave it out of the pipeline file and submit again.";
        }
    }

    private static IEnumerable<string> Changed(
        StageDefinition was,
        StageDefinition stage,
        IReadOnlyDictionary<string, StageDefinition> before,
        IReadOnlyDictionary<string, StageDefinition> after
    )
    {
        if (was.Kind.Name != stage.Kind.Name)
        {
            yield return $"The kind of {stage.Name} would change from {was.Kind.Name} to {stage.Kind.Name}; a stage of a run that is going on "
                + "keeps its kind. Remove the stage and add one of another name.";
            yield break;
        }

        var isRows = FormOf(stage) == StageForm.Rows;
        if (!isRows && OptionChange.Of(was, stage) is [var option, ..])
        {
            yield return $"{stage.Name}.{option.Name} would change from {option.From} to {option.To}, and {stage.Name} {WorkOf(stage)}; "
                + $"only stages that work through rows are changed while a run goes on. Put it {Remedy}.";
        }

        if (was.After.SequenceEqual(stage.After))
        {
            yield break;
        }

        if (isRows)
        {
            foreach (var fault in WithoutBatches(stage, after))
            {
                yield return fault;
            }
        }
        else if (
            FormOf(stage) != StageForm.Whole
            || was.After.Except(stage.After).Any(name => !GivesBatches(name, before))
            || stage.After.Except(was.After).Any(name => !GivesBatches(name, after))
        )
        {
            yield return $"{stage.Name} {WorkOf(stage)}, and would follow {List(stage.After)} instead of {List(was.After)}; "
                + $"while a run goes on, a stage over the whole run can only begin or cease to wait for stages that work through rows. Put it {Remedy}.";
        }
    }

    /// <summary>A stage that works through rows takes batches, and only a source or another such stage gives them.</summary>
    private static IEnumerable<string> WithoutBatches(StageDefinition stage, IReadOnlyDictionary<string, StageDefinition> stages) =>
        from name in stage.After
        where stages.ContainsKey(name) && !GivesBatches(name, stages)
        let giving = stages.Keys.Where(other => other != stage.Name && GivesBatches(other, stages)).Order(StringComparer.Ordinal)
        select $"{stage.Name} is to follow {name}, which {WorkOf(stages[name])} and gives no batches; a stage that works through rows must follow "
            + $"one that does. Put it after one of {string.Join(", ", giving)}.";

    private static bool GivesBatches(string name, IReadOnlyDictionary<string, StageDefinition> stages) =>
        stages.GetValueOrDefault(name) is { } stage && FormOf(stage) is StageForm.Source or StageForm.Rows;

    private static string WorkOf(StageDefinition stage) =>
        FormOf(stage) switch
        {
            StageForm.Source => "lists the input",
            StageForm.Artifact => $"makes {stage.Kind.Makes} for the whole run",
            StageForm.Rows => "works through rows",
            _ => "works over the whole run",
        };

    private static StageForm? FormOf(StageDefinition stage) => (stage.Kind as IRunnableKind)?.Form;

    private static string List(IReadOnlyList<string> names) => names.Count == 0 ? "no stage" : string.Join(" and ", names);

    private static Dictionary<string, StageDefinition> ByName(PipelineDefinition pipeline) =>
        pipeline.Stages.ToDictionary(stage => stage.Name, StringComparer.Ordinal);
}

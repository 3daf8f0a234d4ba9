namespace Pipeline.Stages.Runs.Definition;

/// <summary>Checks that every artifact has one maker and every column that is read is added upstream.</summary>
internal static class StageNeeds
{
    private static readonly string[] Keys = ["sample_id", "variant_id"];

    /// <summary>Nothing while a kind or a predecessor is unknown: what is missing then is only a consequence of that fault.</summary>
    public static IEnumerable<string> Faults(IReadOnlyList<StageDraft> stages, StageCatalog catalog)
    {
        var names = stages.Select(stage => stage.Name).ToHashSet();
        return stages.Any(stage => stage.Kind is null || !stage.After.All(names.Contains))
            ? []
            : Makers(stages).Concat(Artifacts(stages, catalog)).Concat(Columns(stages));
    }

    private static IEnumerable<string> Makers(IReadOnlyList<StageDraft> stages) =>
        from stage in stages
        where stage.Kind?.Makes is not null
        group stage by stage.Kind?.Makes into makers
        where makers.Count() > 1
        let list = string.Join(" and ", makers.Select(maker => $"{maker.Name} ({maker.Where})"))
        select $"The artifact {makers.Key} is made by {list}; it must be made by one stage. Remove the others.";

    private static IEnumerable<string> Artifacts(IReadOnlyList<StageDraft> stages, StageCatalog catalog)
    {
        var made = stages.Select(stage => stage.Kind?.Makes).ToHashSet();
        foreach (var stage in stages)
        {
            foreach (var need in (stage.Kind?.Needs ?? []).Where(need => !made.Contains(need)))
            {
                var makers = string.Join(" or ", catalog.Kinds.Where(kind => kind.Makes == need).Select(kind => kind.Name));
                var remedy = makers.Length == 0 ? $"Remove {stage.Name}." : $"Add a stage of the kind {makers}, or remove {stage.Name}.";
                yield return $"The artifact {need} of {stage.Name} ({stage.Where}) is made by no stage; it must be made in the pipeline. {remedy}";
            }
        }
    }

    private static IEnumerable<string> Columns(IReadOnlyList<StageDraft> stages)
    {
        foreach (var stage in stages)
        {
            var upstream = StageOrder.Upstream(stage, stages);
            foreach (var column in stage.Kind?.Reads ?? [])
            {
                if (column.Split('.', 2) is not [var from, var name] || !upstream.Contains(from))
                {
                    yield return $"The column {column} of {stage.Name} ({stage.Where}) is not added upstream; it must come from a stage before it. "
                        + $"Add {column.Split('.')[0]} to what {stage.Name} follows, by after.";
                }
                else if (!Keys.Contains(name) && stages.First(other => other.Name == from).Kind is { } kind && !kind.Adds.Contains(name))
                {
                    yield return $"The column {column} of {stage.Name} ({stage.Where}) is not among those that {from} adds; it must be one of "
                        + $"{string.Join(", ", kind.Adds)}. Give {from} a kind that adds it.";
                }
            }
        }
    }
}

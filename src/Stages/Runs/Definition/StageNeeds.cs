using Pipeline.Shards;

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

    private static IEnumerable<string> Columns(IReadOnlyList<StageDraft> stages) =>
        from stage in stages
        let upstream = StageOrder.Upstream(stage, stages)
        from column in (stage.Kind?.Reads ?? []).Concat(
            (stage.Kind?.OptionalReads ?? []).Where(column => upstream.Contains(column.Split('.', 2)[0]))
        )
        let fault = Fault(stage, column, stages.Where(other => upstream.Contains(other.Name)))
        where fault is not null
        select fault;

    private static string? Fault(StageDraft stage, string column, IEnumerable<StageDraft> upstream)
    {
        var (from, name) = column.Split('.', 2) is [var before, var after] ? (before, after) : (column, "");
        if (upstream.FirstOrDefault(other => other.Name == from)?.Kind is not { } kind || name.Length == 0)
        {
            return $"The column {column} of {stage.Name} ({stage.Where}) is not added upstream; it must come from a stage before it. "
                + $"Add {from} to what {stage.Name} follows, by after.";
        }

        if (!Keys.Contains(name) && !kind.Adds.Contains(name))
        {
            return $"The column {column} of {stage.Name} ({stage.Where}) is not among those that {from} adds; it must be one of "
                + $"{string.Join(", ", kind.Adds)}. Give {from} a kind that adds it.";
        }

        return Type(stage.Kind?.ReadTypes, column) is { } read && Type(kind.AddTypes, name) is { } added && read.Kind != added.Kind
            ? $"The column {column} of {stage.Name} ({stage.Where}) is read as {read}; it must be read as {added}, as {from} adds it. "
                + $"Correct the kind {stage.Kind?.Name}, or give {from} another kind."
            : null;
    }

    private static ShardType? Type(IReadOnlyList<ShardField>? columns, string name) =>
        columns?.Where(column => column.Name == name).Select(column => (ShardType?)column.Type).FirstOrDefault();
}

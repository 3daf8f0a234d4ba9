namespace Pipeline.Host.Query;

/// <summary>
/// The views <c>samples</c> and <c>variants</c>: a row each, with the columns of every stage. A column is named as in the exported data set: the
/// source's as they are, a stage's with the stage before it (<c>filter_verdict</c>), or as the stage where both have one name (<c>caption</c>).
/// </summary>
/// <param name="columns">The columns of a view.</param>
internal sealed class JoinedViews(Func<string, IReadOnlyList<string>> columns)
{
    private static readonly string[] Keys = ["sample_id", "variant_id"];

    /// <summary>One row a sample that the source lists.</summary>
    /// <param name="stages">The source first, then the stages with a row a sample.</param>
    public string Samples(IReadOnlyList<string> stages)
    {
        var source = stages[0];
        var added = stages.Skip(1).SelectMany(stage => Added(stage)).ToList();
        var own = columns(source).Select(column => $"{At(source, column)} as {Sql.Name(Free(column, added))}");
        return $"create or replace view samples as select {Listed(own, added)} from {Sql.Name(source)}"
            + string.Concat(stages.Skip(1).Select(stage => Join(stage, At(source, "sample_id"), "sample_id")));
    }

    /// <summary>One row a variant, with its sample's columns that are not images; <c>select_rows</c> says how often the selection has it.</summary>
    /// <param name="stages">The stages with a row a variant.</param>
    /// <param name="chosen">The stages over the whole run that choose variants.</param>
    public string Variants(IReadOnlyList<string> stages, IReadOnlyList<string> chosen)
    {
        var added = stages.SelectMany(stage => Added(stage)).Concat(chosen.Select(Count)).ToList();
        var all = string.Join(" union ", stages.Select(stage => $"select sample_id, variant_id from {Sql.Name(stage)}"));
        var own = columns("samples")
            .Where(column => column is not ("sample_id" or "image"))
            .Select(column => $"samples.{Sql.Name(column)} as {Sql.Name(Free(column, added))}");
        return $"create or replace view variants as select variant.sample_id, variant.variant_id, {Listed(added.Select(pair => $"{pair.Value} as {Sql.Name(pair.Name)}"), own)} from ({all}) as variant"
            + string.Concat(stages.Select(stage => Join(stage, "variant.variant_id", "variant_id")))
            + " left join samples on samples.sample_id = variant.sample_id";
    }

    private static string Listed(IEnumerable<string> first, IEnumerable<string> then) => string.Join(", ", first.Concat(then));

    private static string Listed(IEnumerable<string> first, IEnumerable<(string Name, string Value)> then) =>
        Listed(first, then.Select(pair => $"{pair.Value} as {Sql.Name(pair.Name)}"));

    private static (string Name, string Value) Count(string stage) =>
        ($"{stage}_rows", $"(select count(*) from {Sql.Name(stage)} as chosen where chosen.variant_id = variant.variant_id)");

    private static string Join(string stage, string key, string column) => $" left join {Sql.Name(stage)} on {At(stage, column)} = {key}";

    private static string At(string view, string column) => $"{Sql.Name(view)}.{Sql.Name(column)}";

    /// <summary>A source's column under its own name, or <c>manifest_caption</c> where a stage has that.</summary>
    private static string Free(string column, List<(string Name, string Value)> taken) =>
        taken.Exists(pair => string.Equals(pair.Name, column, StringComparison.OrdinalIgnoreCase)) ? $"manifest_{column}" : column;

    private IEnumerable<(string Name, string Value)> Added(string stage) =>
        columns(stage)
            .Where(column => !Keys.Contains(column, StringComparer.Ordinal))
            .Select(column => (column == stage ? stage : $"{stage}_{column}", At(stage, column)));
}

using Pipeline.Shards.Records;

namespace Pipeline.Stages.Ingest;

/// <summary>Which column is which, by name; null where the table has none.</summary>
internal sealed record ManifestColumns(string Path, string Label, string? Split, string? Group)
{
    /// <summary>Names that ingest writes, and the one by which stages tell edits from originals.</summary>
    private static readonly HashSet<string> Claimed = [.. ShardRows.Fields<IngestRow>().Select(field => field.Name), "variant_id"];

    /// <summary>Finds them in the head of a table.</summary>
    /// <exception cref="InputException">A column is missing, or two stand for one thing.</exception>
    public static ManifestColumns Of(string table, ManifestRow head, IngestOptions options)
    {
        var place = $"{table}, line {head.Line}";
        var empty = Array.FindIndex(head.Names, string.IsNullOrWhiteSpace);
        if (empty >= 0)
            throw new InputException($"{place} has no name for column {empty + 1}; each must have one. Name it, or take the column out.");
        var twice = head.Names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null)
            throw new InputException(
                $"{place} names column '{twice.Key}' {twice.Count()} times; each must have a name of its own. Rename them."
            );

        var columns = new ManifestColumns(
            Needed(place, head.Names, "pathColumn", options.PathColumn, "path", "file", "file_name", "image", "url"),
            Needed(place, head.Names, "labelColumn", options.LabelColumn, "label", "class"),
            Find(place, head.Names, "splitColumn", options.SplitColumn, "split"),
            Find(place, head.Names, "groupColumn", options.GroupColumn, "group", "domain")
        );
        columns.Check(table, head);
        return columns;
    }

    /// <summary>Whether a column is none of the four, so that ingest carries it through.</summary>
    public bool IsExtra(string name) => name != Path && name != Label && name != Split && name != Group;

    /// <summary>Whether a name is that of a column which ingest writes.</summary>
    public static bool IsClaimed(string name) => Claimed.Contains(name);

    /// <summary>The name by which a further column is carried through: a point in it would make it part of a struct, and is an underscore there.</summary>
    public static string Carried(string name) => name.Replace('.', '_');

    /// <summary>Refuses a further column whose name is taken, by ingest or by another column.</summary>
    public void Check(string table, ManifestRow row)
    {
        if (row.Names.Where(IsExtra).GroupBy(Carried, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } same)
            throw new InputException(
                $"{table}, line {row.Line} has the columns '{string.Join("' and '", same)}', which would both be carried through as '{same.Key}'; each must have a name of its own. Rename one."
            );
        if (row.Names.FirstOrDefault(name => IsExtra(name) && Claimed.Contains(Carried(name))) is { } taken)
            throw new InputException(
                $"{table}, line {row.Line} has a column '{taken}', which is the name of one that the pipeline writes; a further column must have another name. Rename it, or take it out."
            );
    }

    /// <summary>The one column of several usual names, or of the name that is set; null if there is none of the usual ones.</summary>
    /// <exception cref="InputException">There are several, or not the one that is set.</exception>
    public static string? Find(string place, string[] names, string setting, string? set, params string[] usual)
    {
        string[] wanted = set is null ? usual : [set];
        var found = wanted.Where(name => names.Contains(name, StringComparer.Ordinal)).ToArray();
        if (found.Length > 1)
            throw new InputException(
                $"{place} has the columns '{string.Join("' and '", found)}', of which one is wanted. Say which with {setting}, for example --set ingest.{setting}={found[0]}."
            );
        if (found.Length == 0 && set is not null)
            throw Missing(place, names, setting, wanted);
        return found.FirstOrDefault();
    }

    /// <summary>As <see cref="Find"/>, but there must be one.</summary>
    /// <exception cref="InputException">There is none, or several.</exception>
    public static string Needed(string place, string[] names, string setting, string? set, params string[] usual) =>
        Find(place, names, setting, set, usual) ?? throw Missing(place, names, setting, usual);

    private static InputException Missing(string place, string[] names, string setting, string[] wanted) =>
        new(
            $"{place} has no column '{string.Join("' or '", wanted)}'; the columns are {string.Join(", ", names)}. "
                + $"Say which it is with {setting}, for example --set ingest.{setting}={names.FirstOrDefault()}."
        );
}

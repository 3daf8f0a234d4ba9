using Pipeline.Shards.Records;

namespace Pipeline.Stages.Ingest;

/// <summary>Which column is which; −1 where the table has none.</summary>
internal sealed record CsvColumns(int Path, int Label, int Split, int Group, IReadOnlyList<(int Index, string Name)> Extra)
{
    /// <summary>Finds them in the header.</summary>
    /// <exception cref="InputException">A column is missing, or two stand for one thing.</exception>
    public static CsvColumns Of(string table, string[] header, IngestOptions options)
    {
        var empty = Array.FindIndex(header, string.IsNullOrWhiteSpace);
        if (empty >= 0)
            throw new InputException(
                $"{table}, line 1 has no name for column {empty + 1}; each must have one. Name it, or take the column out."
            );
        var twice = header.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null)
            throw new InputException(
                $"{table}, line 1 names column '{twice.Key}' {twice.Count()} times; each must have a name of its own. Rename them."
            );

        var path = Find(table, header, "pathColumn", options.PathColumn, true, "path", "file", "file_name", "image");
        var label = Find(table, header, "labelColumn", options.LabelColumn, true, "label", "class");
        var split = Find(table, header, "splitColumn", options.SplitColumn, false, "split");
        var group = Find(table, header, "groupColumn", options.GroupColumn, false, "group", "domain");
        var extra = header
            .Select((name, index) => (Index: index, Name: name))
            .Where(column => !new[] { path, label, split, group }.Contains(column.Index))
            .ToArray();

        var claimed = ShardRows.Fields<IngestRow>().Select(field => field.Name).ToHashSet(StringComparer.Ordinal);
        var taken = extra.FirstOrDefault(column => claimed.Contains(column.Name)).Name;
        return taken is null
            ? new(path, label, split, group, extra)
            : throw new InputException(
                $"{table}, line 1 has a column '{taken}', which is the name of one that ingest writes; a further column must have another name. Rename it, or take it out."
            );
    }

    private static int Find(string table, string[] header, string setting, string? set, bool isNeeded, params string[] usual)
    {
        string[] names = set is null ? usual : [set];
        var found = names.Where(name => header.Contains(name, StringComparer.Ordinal)).ToArray();
        if (found.Length > 1)
            throw new InputException(
                $"{table}, line 1 has the columns '{string.Join("' and '", found)}', of which one is wanted. Say which with {setting}, for example --set ingest.{setting}={found[0]}."
            );
        if (found.Length == 1)
            return Array.IndexOf(header, found[0]);
        return !isNeeded && set is null
            ? -1
            : throw new InputException(
                $"{table}, line 1 has no column '{string.Join("' or '", names)}'; the columns are {string.Join(", ", header)}. "
                    + $"Say which it is with {setting}, for example --set ingest.{setting}={header[0]}."
            );
    }
}

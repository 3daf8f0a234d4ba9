namespace Pipeline.Stages.Export;

/// <summary>Rows of the data set by split, source, class and prompt, counted as they are written.</summary>
internal sealed class ExportCounts
{
    private readonly Dictionary<(string Split, string Source, string Class), int> rows = [];
    private readonly Dictionary<string, int> prompts = new(StringComparer.Ordinal);

    /// <summary>Rows in all.</summary>
    public int Total => rows.Values.Sum();

    /// <summary>Edits by prompt, the most frequent first, ties in ordinal order.</summary>
    public IEnumerable<(string Prompt, int Rows)> Prompts =>
        prompts
            .OrderByDescending(prompt => prompt.Value)
            .ThenBy(prompt => prompt.Key, StringComparer.Ordinal)
            .Select(prompt => (prompt.Key, prompt.Value));

    /// <summary>Counts a row.</summary>
    /// <param name="cells">Its cells by exported name.</param>
    public void Add(IReadOnlyDictionary<string, object?> cells)
    {
        var key = (Text(cells, "split"), Text(cells, "source"), Text(cells, "label_name"));
        rows[key] = rows.GetValueOrDefault(key) + 1;
        if (Text(cells, "prompt") is { Length: > 0 } prompt)
            prompts[prompt] = prompts.GetValueOrDefault(prompt) + 1;
    }

    /// <summary>Rows of a split, a source and a class; null stands for all of them.</summary>
    public int Of(string? split = null, string? source = null, string? className = null) =>
        rows.Where(row =>
                (split is null || row.Key.Split == split)
                && (source is null || row.Key.Source == source)
                && (className is null || row.Key.Class == className)
            )
            .Sum(row => row.Value);

    /// <summary>The sources of a split's rows: <c>original</c> first, then the editing stages in ordinal order.</summary>
    public IEnumerable<string> SourcesOf(string split) =>
        rows
            .Keys.Where(row => row.Split == split)
            .Select(row => row.Source)
            .Distinct(StringComparer.Ordinal)
            .OrderBy(source => source == "original" ? 0 : 1)
            .ThenBy(source => source, StringComparer.Ordinal);

    private static string Text(IReadOnlyDictionary<string, object?> cells, string name) => cells.GetValueOrDefault(name) as string ?? "";
}

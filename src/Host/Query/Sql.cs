namespace Pipeline.Host.Query;

/// <summary>Names and texts as DuckDB's SQL writes them.</summary>
internal static class Sql
{
    /// <summary>A name in double quotes: <c>"select"</c>.</summary>
    public static string Name(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A text in single quotes.</summary>
    public static string Text(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>A path in which no sign stands for others: <c>[</c>, <c>*</c> and <c>?</c> are put into brackets.</summary>
    public static string Pattern(string path) =>
        string.Concat(path.Select(letter => letter is '[' or '*' or '?' ? $"[{letter}]" : letter.ToString()));
}

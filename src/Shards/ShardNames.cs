using System.Text.RegularExpressions;

namespace Pipeline.Shards;

/// <summary>The rules of names: columns, stages, hashes, and where a batch's shard lies.</summary>
public static partial class ShardNames
{
    /// <summary>Where a stage's shard of a batch lies, relative to the store's root: <c>runs/{run}/{stage}/{batch:D8}.parquet</c>.</summary>
    public static string Uri(string run, string stage, int batch) => $"runs/{run}/{stage}/{batch:D8}.parquet";

    /// <summary><c>SampleId</c> becomes <c>sample_id</c>, <c>URLPath</c> becomes <c>url_path</c>, <c>Top5Score</c> becomes <c>top5_score</c>.</summary>
    public static string Snake(string property) => WordStart().Replace(property, "_").ToLowerInvariant();

    internal static string Checked(string name) =>
        name.Length > 0 && !name.Any(char.IsControl)
            ? name
            : throw new ShardColumnException(
                $"A column's name is '{name}'; it must have at least one character and no control characters. Rename the column."
            );

    /// <summary>The struct and the field that a name such as <c>image.bytes</c> stands for; null for the name of a plain column.</summary>
    internal static (string Group, string Field)? Nested(string name) =>
        name.Split('.') is [var group, var field] && IsWord(group) && IsWord(field) ? (group, field) : null;

    internal static bool IsStage(string text) => IsWord(text.Replace('-', '_'));

    internal static bool IsHex(string text) => text.Length > 0 && text.All(char.IsAsciiHexDigitLower);

    private static bool IsWord(string text) =>
        text.Length > 0 && text.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '_');

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WordStart();
}

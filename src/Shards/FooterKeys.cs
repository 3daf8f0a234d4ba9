using System.Globalization;

namespace Pipeline.Shards;

/// <summary>A footer as the sorted key-value pairs of a Parquet file, and back.</summary>
internal static class FooterKeys
{
    public const string Prefix = "pipeline.";
    public const string Columns = Prefix + "columns";

    private const string Batch = Prefix + "batch";
    private const string CallSize = Prefix + "call_size";
    private const string Content = Prefix + "content";
    private const string Fingerprint = Prefix + "fingerprint";
    private const string Parents = Prefix + "parents";
    private const string Rows = Prefix + "rows";
    private const string Schema = Prefix + "schema";
    private const string Seed = Prefix + "seed";
    private const string Stage = Prefix + "stage";

    /// <summary>The pairs in ordinal order of their keys.</summary>
    /// <param name="footer">Checked, with rows and content.</param>
    /// <param name="columns">Type and digest of each column, in file order.</param>
    public static SortedDictionary<string, string> Write(ShardFooter footer, string columns)
    {
        var keys = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [Batch] = Text(footer.Batch),
            [CallSize] = Text(footer.CallSize),
            [Columns] = columns,
            [Content] = footer.Content,
            [Fingerprint] = footer.Fingerprint,
            [Parents] = string.Join(',', footer.Parents),
            [Rows] = Text(footer.Rows),
            [Schema] = Text(footer.Schema),
            [Seed] = Text(footer.Seed),
            [Stage] = footer.Stage,
        };
        foreach (var (key, value) in footer.Extra)
            keys.Add(key, value);
        return keys;
    }

    /// <summary>The footer that the pairs describe.</summary>
    /// <exception cref="InvalidDataException">A key is missing or unreadable.</exception>
    public static ShardFooter Read(IReadOnlyDictionary<string, string> keys) =>
        new()
        {
            Batch = (int)Number(keys, Batch, int.MaxValue),
            CallSize = (int)Number(keys, CallSize, int.MaxValue),
            Content = Value(keys, Content),
            Fingerprint = Value(keys, Fingerprint),
            Parents = [.. Value(keys, Parents).Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Parent)],
            Rows = Number(keys, Rows, int.MaxValue),
            Schema = (int)Number(keys, Schema, int.MaxValue),
            Seed = Number(keys, Seed, long.MaxValue),
            Stage = Value(keys, Stage),
            Extra = keys.Where(pair => !pair.Key.StartsWith(Prefix, StringComparison.Ordinal))
                .ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal),
        };

    public static string Value(IReadOnlyDictionary<string, string> keys, string key) =>
        keys.TryGetValue(key, out var value) ? value : throw new InvalidDataException($"the footer has no key '{key}'");

    private static ShardParent Parent(string text) =>
        text.Split('=') is [var stage, var content]
            ? new ShardParent(stage, content)
            : throw new InvalidDataException($"the footer's parent '{text}' is not of the form stage=contenthash");

    private static long Number(IReadOnlyDictionary<string, string> keys, string key, long largest) =>
        long.TryParse(Value(keys, key), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
        && number <= largest
        && (number >= 0 || largest == long.MaxValue)
            ? number
            : throw new InvalidDataException($"the footer's '{key}' is '{keys[key]}', not a whole number in range");

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}

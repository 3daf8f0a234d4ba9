namespace Pipeline.Shards.Stores;

/// <summary>The form of a uri in a store: <c>runs/a/caption/00000007.parquet</c>.</summary>
public static class StoreUri
{
    private const string Mark = ".tmp-";

    /// <summary>Gives <paramref name="uri"/> back.</summary>
    /// <exception cref="ArgumentException">
    /// It is empty, absolute, holds a part that is empty, <c>.</c> or <c>..</c>, a backslash, a colon or a control character, or is named as a
    /// temporary file.
    /// </exception>
    public static string Check(string uri)
    {
        var last = uri.AsSpan(uri.LastIndexOf('/') + 1);
        return IsClean(uri) && last.Length > 0 && !IsTemporary(last) ? uri : throw Bad(uri);
    }

    /// <summary>Gives <paramref name="prefix"/> back: as a uri, but it may be empty or end anywhere.</summary>
    /// <exception cref="ArgumentException">No uri can begin with it.</exception>
    public static string CheckPrefix(string prefix) => IsClean(prefix) ? prefix : throw Bad(prefix);

    /// <summary>Whether a file name is that of a temporary file: <c>.{name}.tmp-{suffix}</c>.</summary>
    public static bool IsTemporary(ReadOnlySpan<char> name) => name.StartsWith('.') && name.Contains(Mark, StringComparison.Ordinal);

    internal static string Temporary(string name, string suffix) => $".{name}{Mark}{suffix}";

    private static bool IsClean(string uri)
    {
        var rest = uri.AsSpan();
        while (rest.IndexOf('/') is >= 0 and var slash)
        {
            if (slash == 0 || IsDots(rest[..slash]))
                return false;
            rest = rest[(slash + 1)..];
        }

        return !IsDots(rest) && uri.AsSpan().IndexOfAnyInRange('\0', '\u001f') < 0 && uri.AsSpan().IndexOfAny('\\', ':') < 0;
    }

    private static bool IsDots(ReadOnlySpan<char> part) => part is "." or "..";

    private static ArgumentException Bad(string uri) =>
        new(
            $"The uri is '{uri}'; it must be relative to the store's root, with '/' between its parts, without '..', '\\' or ':'. "
                + "Build it from names, as ShardNames.Uri does."
        );
}

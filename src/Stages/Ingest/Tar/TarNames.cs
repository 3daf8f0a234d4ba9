namespace Pipeline.Stages.Ingest.Tar;

/// <summary>What the name of a tar says, and which files beside it are about it.</summary>
internal static class TarNames
{
    public static readonly string[] Extensions = [".tar", ".tar.gz", ".tgz"];

    /// <summary>What img2dataset writes beside each tar, of the same name.</summary>
    private static readonly string[] Companions = [".parquet", "_stats.json"];

    public static bool IsTar(string name) => Extensions.Any(extension => name.EndsWith(extension, StringComparison.OrdinalIgnoreCase));

    /// <summary>Those that are not about a tar of the list.</summary>
    public static List<string> WithoutCompanions(List<string> names)
    {
        var stems = names.Where(IsTar).Select(Stem).ToHashSet(StringComparer.Ordinal);
        return stems.Count == 0
            ? names
            : names.FindAll(name =>
                !Companions.Any(end => name.EndsWith(end, StringComparison.OrdinalIgnoreCase) && stems.Contains(name[..^end.Length]))
            );
    }

    /// <summary>
    /// The split that the name begins with, as train-000000.tar, val_3.tar and test_seen-0.tar.gz do: its letters, or its letters and underscores
    /// up to the first '-' or '.'; null if that is no split's name.
    /// </summary>
    public static string? Split(string path)
    {
        var stem = Stem(Path.GetFileName(path));
        var words = stem.AsSpan();
        var end = words.IndexOfAny('-', '.');
        var word = (end < 0 ? words : words[..end]).TrimEnd("0123456789_");
        var letters = 0;
        while (letters < word.Length && char.IsAsciiLetter(word[letters]))
            letters++;
        return SplitName.Canonical(word.ToString()) ?? SplitName.Canonical(word[..letters].ToString());
    }

    private static string Stem(string name) =>
        name[..^(Extensions.FirstOrDefault(extension => name.EndsWith(extension, StringComparison.OrdinalIgnoreCase)) ?? "").Length];
}

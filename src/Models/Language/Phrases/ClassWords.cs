namespace Pipeline.Models.Language.Phrases;

/// <summary>Finds the names of classes in a row of words, in any spelling: capitals, plurals, hyphens, underscores, written together or apart.</summary>
/// <remarks>
/// A name of several words is found as a whole, and by its last word alone, which is its noun ("heron" of "night_heron"). The words before it stay
/// free: "night" is not a class word. Digits and dots in names do not count (ALIA, Dunlap et al. 2023, released code).
/// </remarks>
internal sealed class ClassWords
{
    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private readonly int longest = 1;

    public ClassWords(IReadOnlyList<string> classNames)
    {
        foreach (var name in classNames)
        {
            var words = Words(name);
            if (words.Length > 0)
            {
                names.Add(Singular(string.Concat(words)));
                names.Add(Singular(words[^1]));
                // A name written as one word may be split where a caption has it.
                longest = Math.Max(longest, words.Length + 1);
            }
        }
    }

    /// <summary>The words that are left.</summary>
    public string[] Without(IReadOnlyList<string> words)
    {
        var left = new List<string>(words.Count);
        for (var place = 0; place < words.Count; )
        {
            var count = Named(words, place);
            if (count == 0)
            {
                left.Add(words[place]);
                count = 1;
            }

            place += count;
        }

        return [.. left];
    }

    /// <summary>Words of small letters; a hyphen joins ("over-exposed" is one word), all else parts.</summary>
    public static string[] CaptionWords(string text) => [.. Words(text, '-').Select(word => word.Trim('-')).Where(word => word.Length > 0)];

    private static string[] Words(string text, char joint = ' ') =>
        new string([
            .. text.ToLowerInvariant()
                .Where(letter => !char.IsDigit(letter) && letter is not ('.' or '\'' or '’'))
                .Select(letter => char.IsLetter(letter) || letter == joint ? letter : ' '),
        ]).Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private int Named(IReadOnlyList<string> words, int place)
    {
        for (var count = Math.Min(longest, words.Count - place); count > 0; count--)
        {
            var joined = string.Concat(words.Skip(place).Take(count));
            if (names.Contains(Singular(joined.Replace("-", "", StringComparison.Ordinal))))
            {
                return count;
            }
        }

        return words[place].Contains('-') && words[place].Split('-').Any(part => names.Contains(Singular(part))) ? 1 : 0;
    }

    /// <summary>Folds English plurals to one form, which need not be a word: it is compared with nothing but its like.</summary>
    private static string Singular(string word) =>
        word switch
        {
            _ when word.Length > 4 && word.EndsWith("ies", StringComparison.Ordinal) => word[..^3] + "y",
            _ when word.Length > 4
                    && (EndsWith(word, "ches") || EndsWith(word, "shes") || EndsWith(word, "xes") || EndsWith(word, "sses")) => word[..^2],
            _ when word.Length > 2 && EndsWith(word, "s") && !EndsWith(word, "ss") => word[..^1],
            _ => word,
        };

    private static bool EndsWith(string word, string ending) => word.EndsWith(ending, StringComparison.Ordinal);
}

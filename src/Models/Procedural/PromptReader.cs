using System.Collections.Frozen;
using Pipeline.Models.Statistics;

namespace Pipeline.Models.Procedural;

/// <summary>An effect that a description asks for, with the colour that it names.</summary>
internal sealed record WantedEffect(ProceduralEffect Effect, NamedColour? Colour);

/// <summary>Finds the words of <see cref="ProceduralEffects.All"/> in a description.</summary>
/// <remarks>
/// <para>The longest phrase wins and is used up: "snowy ground" is ground alone, "snowy" is the weather. Hyphens count as spaces, capitals as small letters.</para>
/// <para>After <c>no</c>, <c>not</c>, <c>without</c> and their like nothing counts, up to a comma or the next clause. "fog-free" and "free of fog" are read so too.</para>
/// <para>The name of the thing does not count: in "a photo of a snow bunting in fog" the words between "photo of" and the next preposition are passed over.</para>
/// </remarks>
internal static class PromptReader
{
    private const string ClauseEnd = ",";

    private static readonly FrozenSet<string> Negations = new[]
    {
        "no",
        "not",
        "non",
        "never",
        "without",
        "neither",
        "nor",
        "cannot",
        "lacking",
        "isn't",
        "aren't",
        "doesn't",
        "don't",
        "wasn't",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Articles = new[]
    {
        "a",
        "an",
        "the",
        "any",
        "of",
        "sign",
        "signs",
        "trace",
        "traces",
        "is",
        "it",
        "very",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Prepositions = new[]
    {
        "in",
        "on",
        "at",
        "over",
        "under",
        "with",
        "during",
        "by",
        "near",
        "against",
        "behind",
        "beneath",
        "among",
        "amid",
        "through",
        "after",
        "before",
        "from",
        "but",
        "only",
        "instead",
        "while",
        "covered",
        "surrounded",
        "standing",
        "sitting",
        "flying",
        "perched",
        "walking",
        "swimming",
        "which",
        "that",
        "is",
        "across",
        "above",
        "below",
        "beside",
        "between",
        "into",
        "within",
        "without",
        "no",
        "not",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Pictures = new[] { "photo", "photograph", "picture", "image", "shot" }.ToFrozenSet(
        StringComparer.Ordinal
    );

    private static readonly FrozenDictionary<string, NamedColour> Colours = ColourNames
        .All.SelectMany(colour => Spellings(colour.Name).Select(name => (name, colour)))
        .ToFrozenDictionary(item => item.name, item => item.colour, StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, WantedEffect> Phrases = AllPhrases();
    private static readonly int Longest = Phrases.Keys.Max(phrase => phrase.Count(letter => letter == ' ') + 1);

    /// <summary>Every phrase of the table, as an error lists it.</summary>
    public static string KnownWords { get; } =
        string.Join("; ", ProceduralEffects.All.Select(effect => $"{effect.Name} ({string.Join(", ", effect.Words)})"))
        + $"; {ProceduralEffects.ColourMark} is one of {string.Join(", ", ColourNames.All.Select(colour => colour.Name))}";

    /// <summary>Gives each effect once, in the order of the table; none when no word is known.</summary>
    public static IReadOnlyList<WantedEffect> Read(string prompt)
    {
        var words = Words(prompt);
        var negated = Negated(words);
        var found = Find(words, negated, Subject(words));
        return [.. ProceduralEffects.All.SelectMany(effect => found.Where(wanted => wanted.Effect == effect).Take(1))];
    }

    private static List<WantedEffect> Find(string[] words, bool[] negated, Range subject)
    {
        var found = new List<WantedEffect>();
        var (skipFrom, skipCount) = subject.GetOffsetAndLength(words.Length);
        var place = 0;
        while (place < words.Length)
        {
            var taken = 1;
            var skipped = negated[place] || (place >= skipFrom && place < skipFrom + skipCount);
            for (var count = skipped ? 0 : Math.Min(Longest, words.Length - place); count > 0; count--)
            {
                if (Phrases.TryGetValue(string.Join(' ', words, place, count), out var wanted))
                {
                    found.Add(wanted);
                    taken = count;
                    break;
                }
            }

            place += taken;
        }

        return found;
    }

    /// <summary>The words that name the thing: after "photo of a" up to the next preposition or comma.</summary>
    private static Range Subject(string[] words)
    {
        for (var i = 0; i + 1 < words.Length; i++)
        {
            if (Pictures.Contains(words[i]) && words[i + 1] == "of")
            {
                var end = i + 2;
                while (end < words.Length && words[end] != ClauseEnd && !Prepositions.Contains(words[end]))
                {
                    end++;
                }

                return (i + 2)..end;
            }
        }

        return 0..0;
    }

    private static bool[] Negated(string[] words)
    {
        var negated = new bool[words.Length];
        var active = false;
        var covered = false;
        for (var i = 0; i < words.Length; i++)
        {
            var word = words[i];
            if (Negations.Contains(word))
            {
                active = true;
                covered = false;
            }
            else if (word == "free" && i + 1 < words.Length && words[i + 1] is "of" or "from")
            {
                active = true;
                covered = false;
                i++;
            }
            else if (word == "free" && i > 0)
            {
                negated[i - 1] = true;
            }
            else if (word == ClauseEnd || (covered && Prepositions.Contains(word)))
            {
                active = false;
            }
            else if (active)
            {
                negated[i] = true;
                covered |= !Articles.Contains(word) && !Prepositions.Contains(word);
            }
        }

        return negated;
    }

    private static string[] Words(string prompt)
    {
        var text = prompt.ToLowerInvariant().Replace('’', '\'');
        var spaced = new char[text.Length * 3];
        var length = 0;
        foreach (var letter in text)
        {
            if (letter is ',' or ';' or '.' or ':' or '!' or '?')
            {
                spaced[length++] = ' ';
                spaced[length++] = ClauseEnd[0];
                spaced[length++] = ' ';
            }
            else
            {
                spaced[length++] = char.IsLetterOrDigit(letter) || letter == '\'' ? letter : ' ';
            }
        }

        return new string(spaced, 0, length).Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    private static FrozenDictionary<string, WantedEffect> AllPhrases()
    {
        var phrases = new Dictionary<string, WantedEffect>(StringComparer.Ordinal);
        foreach (var effect in ProceduralEffects.All)
        {
            foreach (var word in effect.Words)
            {
                if (!word.Contains(ProceduralEffects.ColourMark, StringComparison.Ordinal))
                {
                    // A phrase of its own comes before the pattern that it fits as well.
                    phrases[word] = new WantedEffect(effect, null);
                    continue;
                }

                foreach (var (name, colour) in Colours)
                {
                    phrases.TryAdd(
                        word.Replace(ProceduralEffects.ColourMark, name, StringComparison.Ordinal),
                        new WantedEffect(effect, colour)
                    );
                }
            }
        }

        return phrases.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Spellings(string name)
    {
        string[] spellings = [name, name.Replace("pale ", "light ", StringComparison.Ordinal)];
        return spellings
            .Concat(spellings.Select(text => text.Replace("grey", "gray", StringComparison.Ordinal)))
            .Distinct(StringComparer.Ordinal);
    }
}

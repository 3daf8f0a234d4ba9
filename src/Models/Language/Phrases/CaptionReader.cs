using System.Collections.Frozen;

namespace Pipeline.Models.Language.Phrases;

/// <summary>Splits a caption into its phrases, without the thing that it shows.</summary>
/// <remarks>
/// A phrase runs from one preposition to the next, to a comma or to "and". What comes before the first preposition is the thing ("a small bird")
/// and is left out, but for the participle next to the preposition, which belongs to the place: "perched on a branch".
/// </remarks>
internal sealed class CaptionReader(ClassWords classWords)
{
    private static readonly FrozenSet<string> Settings = Set("in at during amid within inside outside");
    private static readonly FrozenSet<string> Places = Set(
        "on over under near by against beside besides behind beneath below above among amongst between through across along around atop next from into onto towards toward upon before"
    );
    private static readonly FrozenSet<string> Qualities = Set("with without wearing having");
    private static readonly FrozenSet<string> Articles = Set("a an the its his her their some this that these those very");

    // A phrase of these alone says nothing of a domain.
    private static readonly FrozenSet<string> Empty = Set(
        "background foreground front middle center centre top side photo photograph picture image view camera shot scene it them there is are was be of to and or one other each"
    );

    private static readonly FrozenSet<string> Colours = Set(
        "black white grey gray red green blue yellow brown orange purple pink teal olive cream sandy golden tan dark pale light bright"
    );

    private const string Break = ",";

    // BLIP's known junk words, "arafed" and its like (ALGORITHMS: a quarter of the captions of one data set begin with one).
    private const string Junk = "araf";

    /// <summary>The phrases in the caption's order, each key once.</summary>
    public IReadOnlyList<CaptionPhrase> Read(string caption) => [.. Segments(caption).SelectMany(Phrases).DistinctBy(phrase => phrase.Key)];

    private List<Segment> Segments(string caption)
    {
        var words = classWords.Without(Words(caption));
        var segments = new List<Segment>();
        var current = new Segment(null, null, true);
        for (var i = 0; i < words.Length; i++)
        {
            var word = words[i];
            if (word == Break)
            {
                segments.Add(current);
                current = new Segment(null, null, false);
            }
            else if (word == "and" && !JoinsColours(words, i))
            {
                // "with a grey sky and fine texture" goes on with "with"; a comma does not.
                segments.Add(current);
                current = new Segment(current.Preposition, null, current.IsThing);
            }
            else if (IsPreposition(word))
            {
                var action = Qualities.Contains(word) ? null : current.TakeAction();
                segments.Add(current);
                current = new Segment(word, action, false);
            }
            else if (!word.StartsWith(Junk, StringComparison.Ordinal))
            {
                current.Words.Add(word);
            }
        }

        segments.Add(current);
        return segments;
    }

    /// <summary>The phrase of a segment; one with an action also without it: "perched on a branch" is "on a branch" too.</summary>
    private static IEnumerable<CaptionPhrase> Phrases(Segment segment)
    {
        if (segment.IsThing)
        {
            var alone = segment.TakeAction();
            return alone is not null && alone.EndsWith("ing", StringComparison.Ordinal)
                ? [new CaptionPhrase(PhraseRole.Place, alone, alone)]
                : [];
        }

        var words = segment.Words;
        while (words.Count > 0 && (IsLink(words[^1]) || IsPreposition(words[^1])))
        {
            words.RemoveAt(words.Count - 1);
        }

        if (words.TrueForAll(word => IsLink(word) || Empty.Contains(word) || IsPreposition(word)))
        {
            return [];
        }

        string[] plain = segment.Preposition is null ? [.. words] : [segment.Preposition, .. words];
        var phrase = Phrase(Role(segment.Preposition), plain);
        return segment.Action is null ? [phrase] : [Phrase(PhraseRole.Place, [segment.Action, .. plain]), phrase];
    }

    private static CaptionPhrase Phrase(PhraseRole role, string[] words) =>
        new(role, string.Join(' ', words.Where(word => !Articles.Contains(word))), string.Join(' ', words));

    private static bool IsLink(string word) => Articles.Contains(word) || word is "of" or "to" or "and" or "is" or "are" or "that";

    private static PhraseRole Role(string? preposition) =>
        preposition switch
        {
            null => PhraseRole.Quality,
            _ when Settings.Contains(preposition) => PhraseRole.Setting,
            _ when Qualities.Contains(preposition) => PhraseRole.Quality,
            _ => PhraseRole.Place,
        };

    private static bool IsPreposition(string word) => Settings.Contains(word) || Places.Contains(word) || Qualities.Contains(word);

    private static bool JoinsColours(string[] words, int place) =>
        place > 0 && place + 1 < words.Length && Colours.Contains(words[place - 1]) && Colours.Contains(words[place + 1]);

    private static string[] Words(string caption)
    {
        var text = string.Concat(
            caption.Select(letter => letter is ',' or ';' or '.' or ':' or '!' or '?' ? $" {Break} " : letter.ToString())
        );
        return
        [
            .. text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .SelectMany(word => word == Break ? [Break] : ClassWords.CaptionWords(word)),
        ];
    }

    private static FrozenSet<string> Set(string words) => words.Split(' ').ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The words after one preposition.</summary>
    private sealed record Segment(string? Preposition, string? Action, bool IsThing)
    {
        public List<string> Words { get; } = [];

        /// <summary>Takes the participle off the end ("perched", "standing"); null if there is none.</summary>
        public string? TakeAction()
        {
            if (Words.Count == 0 || Words[^1] is not { Length: > 4 } last)
            {
                return null;
            }

            if (!last.EndsWith("ing", StringComparison.Ordinal) && !last.EndsWith("ed", StringComparison.Ordinal))
            {
                return null;
            }

            Words.RemoveAt(Words.Count - 1);
            return last;
        }
    }
}

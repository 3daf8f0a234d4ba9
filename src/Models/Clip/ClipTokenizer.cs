using Microsoft.ML.Tokenizers;

namespace Pipeline.Models.Clip;

/// <summary>CLIP's byte-pair tokenizer: text to the ids that the text tower takes.</summary>
/// <remarks>
/// <para>The merges are those of <see cref="BpeTokenizer"/>; <see cref="ClipCleaning"/> and <see cref="ClipWords"/> say what is added and why.</para>
/// <para>Safe to call from several threads. Ids depend on the text alone; no result is kept but those of single words, by the library, and few of them.</para>
/// </remarks>
public sealed class ClipTokenizer
{
    private readonly ClipVocabulary vocabulary;
    private readonly BpeTokenizer merges;
    private readonly string[] special;

    private ClipTokenizer(ClipVocabulary vocabulary, BpeTokenizer merges)
    {
        this.vocabulary = vocabulary;
        this.merges = merges;
        special = [.. vocabulary.Special.Keys.OrderByDescending(token => token.Length).ThenBy(token => token, StringComparer.Ordinal)];
    }

    /// <summary>Put before every text.</summary>
    public int StartToken => vocabulary.StartToken;

    /// <summary>Put after every text, also after one that was cut.</summary>
    public int EndToken => vocabulary.EndToken;

    /// <summary>Fills a row after the end; the end token in most models, <c>!</c> in Stable Diffusion 2's.</summary>
    public int PadToken => vocabulary.PadToken;

    /// <summary>The highest id.</summary>
    public int HighestToken => vocabulary.Ids.Values.Max();

    /// <summary>Reads <c>vocab.json</c> with <c>merges.txt</c>, or <c>tokenizer.json</c>, and the names of its special tokens.</summary>
    /// <exception cref="InvalidDataException">A file is missing, broken, or is the tokenizer of another family; the message names file and field.</exception>
    public static ClipTokenizer Read(string folder)
    {
        var tables = ClipVocabulary.Read(folder);
        try
        {
            var options = new BpeOptions(tables.Ids)
            {
                Merges = tables.Merges,
                ByteLevel = true,
                EndOfWordSuffix = ClipVocabulary.WordEnd,
                PreTokenizer = new ClipWords(),
            };
            return new ClipTokenizer(tables, BpeTokenizer.Create(options));
        }
        catch (Exception broken) when (broken is ArgumentException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException(
                $"{tables.Path}: the tables make no tokenizer ({broken.Message}). Fetch the model again.",
                broken
            );
        }
    }

    /// <summary>Fills one row: start, the text, end, then padding. A text that is too long loses what is over; its row still ends with the end token.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="row">As many ids as the model takes, at least 2.</param>
    /// <returns>Tokens of the whole text with start and end; more than the row holds when it was cut.</returns>
    public int Encode(string text, Span<long> row)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(row.Length, 2);
        var count = 0;
        Put(row, ref count, StartToken);
        Span<int> places = stackalloc int[special.Length];
        places.Fill(-1);
        var place = 0;
        while (place < text.Length)
        {
            var (found, token) = FirstSpecial(text, place, places);
            foreach (var id in merges.EncodeToIds(ClipCleaning.Clean(text[place..found]), considerNormalization: false))
            {
                Put(row, ref count, id);
            }

            if (found < text.Length)
            {
                Put(row, ref count, vocabulary.Special[token]);
            }

            place = found + token.Length;
        }

        Put(row, ref count, EndToken);
        if (count > row.Length)
        {
            row[^1] = EndToken;
        }
        else
        {
            row[count..].Fill(PadToken);
        }

        return count;
    }

    /// <summary>Refuses a text tower that this tokenizer was not made for.</summary>
    /// <exception cref="InvalidDataException">An id lies beyond the tower's table, or its end token is another one.</exception>
    internal void MustFit(ClipTextConfig text)
    {
        if (HighestToken >= text.Vocabulary)
        {
            throw new InvalidDataException(
                $"{vocabulary.Path}: the highest id is {HighestToken}; it must be below {text.Vocabulary}, vocab_size of config.json. Is it another model's tokenizer? Fetch the model again."
            );
        }

        if (text.EndToken != ClipTextConfig.LegacyEndToken && text.EndToken != EndToken)
        {
            throw new InvalidDataException(
                $"{vocabulary.Path}: the end token has the id {EndToken}; it must be {text.EndToken}, eos_token_id of config.json's text_config. Is it another model's tokenizer? Fetch the model again."
            );
        }

        if (text.EndToken == ClipTextConfig.LegacyEndToken && EndToken != HighestToken)
        {
            throw new InvalidDataException(
                $"{vocabulary.Path}: the end token has the id {EndToken} and the highest id is {HighestToken}; they must be equal where config.json's eos_token_id is 2, because the state at the highest id is taken. Set eos_token_id to {EndToken} if that is meant."
            );
        }
    }

    private static void Put(Span<long> row, ref int count, long id)
    {
        if (count < row.Length)
        {
            row[count] = id;
        }

        count++;
    }

    /// <summary>The first special token from a place on, the longest where two begin there; whatever its case, as transformers lower-cases first.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="places">Where each special token comes next, -1 at first: every token is looked for once, not once for each of the others.</param>
    /// <returns>The text's length and nothing when there is none.</returns>
    private (int Place, string Token) FirstSpecial(string text, int from, Span<int> places)
    {
        var (first, found) = (text.Length, "");
        for (var index = 0; index < special.Length; index++)
        {
            if (places[index] < from)
            {
                var at = text.IndexOf(special[index], from, StringComparison.OrdinalIgnoreCase);
                places[index] = at < 0 ? text.Length : at;
            }

            if (places[index] < first)
            {
                (first, found) = (places[index], special[index]);
            }
        }

        return (first, found);
    }
}

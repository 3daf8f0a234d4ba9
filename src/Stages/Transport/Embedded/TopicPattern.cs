namespace Pipeline.Stages.Transport.Embedded;

/// <summary>A binding's pattern: words parted by dots; <c>*</c> is one word, <c>#</c> any number of words, none among them.</summary>
/// <remarks>The rules are those of AMQP 0-9-1 topic exchanges as RabbitMQ keeps them: an empty key has no word, and <c>a.</c> has two, the second empty.</remarks>
public sealed class TopicPattern
{
    private const string OneWord = "*";
    private const string AnyWords = "#";

    private readonly string[] words;

    /// <summary>Parses a pattern; every text is one.</summary>
    public TopicPattern(string pattern)
    {
        Text = pattern;
        words = pattern.Length == 0 ? [] : pattern.Split('.');
    }

    /// <summary>The pattern as it was written.</summary>
    public string Text { get; }

    /// <summary>True when the whole of <paramref name="key"/> fits the pattern. Time is linear in the key for patterns with at most one <c>#</c>.</summary>
    public bool Matches(ReadOnlySpan<char> key)
    {
        var word = 0;
        var start = key.IsEmpty ? 1 : 0;
        var afterAny = -1;
        var resume = 0;

        // Past the key's last word, start is one more than its length. A later # makes what an earlier one took final.
        while (start <= key.Length)
        {
            if (word < words.Length && words[word] == AnyWords)
            {
                afterAny = ++word;
                resume = start;
                continue;
            }

            var end = EndOfWord(key, start);
            if (word < words.Length && (words[word] == OneWord || key[start..end].SequenceEqual(words[word])))
            {
                word++;
                start = end + 1;
                continue;
            }

            if (afterAny < 0)
            {
                return false;
            }

            word = afterAny;
            resume = EndOfWord(key, resume) + 1;
            start = resume;
        }

        while (word < words.Length && words[word] == AnyWords)
        {
            word++;
        }

        return word == words.Length;
    }

    private static int EndOfWord(ReadOnlySpan<char> key, int start)
    {
        var length = key[start..].IndexOf('.');
        return length < 0 ? key.Length : start + length;
    }
}

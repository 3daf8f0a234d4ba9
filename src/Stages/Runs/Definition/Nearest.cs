namespace Pipeline.Stages.Runs.Definition;

/// <summary>Guesses which known word a mistyped one was meant to be.</summary>
internal static class Nearest
{
    /// <summary><c> Did you mean batch?</c> with a leading space, or nothing when no word is near (a third of the letters, at least two, may differ).</summary>
    public static string Hint(string word, IEnumerable<string> known)
    {
        var near = known
            .Select(candidate => (Word: candidate, Distance: Distance(word, candidate)))
            .Where(pair => pair.Distance <= Math.Max(2, word.Length / 3) && pair.Distance < pair.Word.Length)
            .OrderBy(pair => pair.Distance)
            .ThenBy(pair => pair.Word, StringComparer.Ordinal)
            .Select(pair => pair.Word)
            .FirstOrDefault();
        return near is null ? "" : $" Did you mean {near}?";
    }

    /// <summary>Levenshtein's distance, without regard to case: letters to insert, delete or replace.</summary>
    public static int Distance(string from, string to)
    {
        var above = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var row = 1; row <= from.Length; row++)
        {
            var current = new int[to.Length + 1];
            current[0] = row;
            for (var column = 1; column <= to.Length; column++)
            {
                var same = char.ToLowerInvariant(from[row - 1]) == char.ToLowerInvariant(to[column - 1]);
                var replaced = above[column - 1] + (same ? 0 : 1);
                current[column] = Math.Min(replaced, Math.Min(above[column], current[column - 1]) + 1);
            }

            above = current;
        }

        return above[to.Length];
    }
}

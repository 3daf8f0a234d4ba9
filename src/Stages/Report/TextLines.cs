namespace Pipeline.Stages.Report;

/// <summary>Breaks a text into lines between its words.</summary>
public static class TextLines
{
    private const string More = "...";

    /// <summary>At most <paramref name="lines"/> lines of at most <paramref name="width"/> characters; a longer word is cut, a longer text ends with dots.</summary>
    public static IReadOnlyList<string> Wrap(string text, int width, int lines)
    {
        var wrapped = new List<string>();
        var line = "";
        foreach (var word in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).SelectMany(word => word.Chunk(width)))
        {
            var piece = new string(word);
            if (line.Length == 0)
            {
                line = piece;
            }
            else if (line.Length + 1 + piece.Length <= width)
            {
                line = $"{line} {piece}";
            }
            else
            {
                wrapped.Add(line);
                line = piece;
            }
        }

        if (line.Length > 0)
            wrapped.Add(line);
        if (wrapped.Count <= lines)
            return wrapped;
        var last = wrapped[lines - 1];
        var kept = last.Length + More.Length <= width ? last : last[..Math.Max(0, width - More.Length)];
        return [.. wrapped.Take(lines - 1), kept + More];
    }
}

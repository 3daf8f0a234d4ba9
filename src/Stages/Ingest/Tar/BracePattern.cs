using System.Globalization;

namespace Pipeline.Stages.Ingest.Tar;

/// <summary>Several paths in one, as shells and WebDataset write them: <c>train-{000000..000012}.tar</c>, <c>{train,val}.tar</c>.</summary>
internal static class BracePattern
{
    private const int MostPaths = 100_000;

    public static bool IsOne(string path) => path.Contains('{', StringComparison.Ordinal) || path.Contains('}', StringComparison.Ordinal);

    /// <summary>Every path, the first braces slowest; numbers have as many digits as the longer end, if one begins with 0.</summary>
    /// <exception cref="InputException">The braces are not such.</exception>
    public static IReadOnlyList<string> Expand(string pattern)
    {
        IReadOnlyList<string> paths = [""];
        for (var rest = pattern; rest.Length > 0; )
        {
            var open = rest.IndexOf('{', StringComparison.Ordinal);
            var text = open < 0 ? rest : rest[..open];
            var close = rest.IndexOf('}', StringComparison.Ordinal);
            if (text.Contains('}', StringComparison.Ordinal) || (open >= 0 && close < open))
                throw Wrong(pattern, "a brace without its other");
            string[] choices = open < 0 ? [""] : Choices(pattern, rest[(open + 1)..close]);
            if ((long)paths.Count * choices.Length > MostPaths)
                throw Wrong(pattern, $"braces that stand for more than {MostPaths:N0} files");
            paths = [.. paths.SelectMany(path => choices.Select(choice => path + text + choice))];
            rest = open < 0 ? "" : rest[(close + 1)..];
        }

        return paths;
    }

    private static string[] Choices(string pattern, string inside)
    {
        if (inside.Contains('{', StringComparison.Ordinal))
            throw Wrong(pattern, "braces in braces");
        if (inside.Split("..") is [var first, var last])
        {
            if (!IsNumber(first, out var from) || !IsNumber(last, out var to) || to < from)
                throw Wrong(pattern, $"'{{{inside}}}'");
            if (to - from >= MostPaths)
                throw Wrong(pattern, $"braces that stand for more than {MostPaths:N0} files");
            var isPadded = first is ['0', _, ..] || last is ['0', _, ..];
            var digits = isPadded ? Math.Max(first.Length, last.Length) : 1;
            return
            [
                .. Enumerable
                    .Range(0, (int)(to - from + 1))
                    .Select(step => (from + step).ToString($"D{digits}", CultureInfo.InvariantCulture)),
            ];
        }

        var names = inside.Split(',');
        return names.Length > 1 ? names : throw Wrong(pattern, $"'{{{inside}}}'");
    }

    private static bool IsNumber(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static InputException Wrong(string pattern, string what) =>
        new(
            $"The input {pattern} has {what}; several tars are written {{first..last}}, from a lower number to a higher, or {{one,other}}, such as train-{{000000..000012}}.tar. "
                + "Correct it, or name the folder."
        );
}

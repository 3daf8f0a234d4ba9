using System.Text.Json;

namespace Pipeline.Benchmarks.Encoders;

/// <summary>A byte-level vocabulary of the size of CLIP's, grown from a seed: each merge joins two tokens, short ones first.</summary>
internal static class DrawnVocabulary
{
    private const int Merges = 48_894;
    private const string End = "</w>";

    /// <summary>Writes <c>vocab.json</c> and <c>merges.txt</c>.</summary>
    public static void Write(string folder)
    {
        var random = new Random(7);
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var token in Symbols().Concat(Symbols().Select(symbol => symbol + End)))
        {
            ids.Add(token, ids.Count);
        }

        var inner = Enumerable.Range('a', 26).Select(letter => $"{(char)letter}").ToList();
        var last = inner.Select(letter => letter + End).ToList();
        var merges = new List<string>();
        while (merges.Count < Merges)
        {
            var left = inner[Early(random, inner.Count)];
            var isLast = random.Next(4) != 0;
            var right = isLast ? last[Early(random, last.Count)] : inner[Early(random, inner.Count)];
            var whole = left + right;
            if (whole.Length > 12 || !ids.TryAdd(whole, ids.Count))
            {
                continue;
            }

            merges.Add($"{left} {right}");
            (isLast ? last : inner).Add(whole);
        }

        ids.Add("<|startoftext|>", ids.Count);
        ids.Add("<|endoftext|>", ids.Count);
        File.WriteAllText(Path.Combine(folder, "vocab.json"), JsonSerializer.Serialize(ids));
        File.WriteAllLines(Path.Combine(folder, "merges.txt"), ["#version: 0.2", .. merges]);
    }

    /// <summary>Words of letters alone that are one token, three letters or longer.</summary>
    public static string[] Words(string folder)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "vocab.json")));
        return
        [
            .. document
                .RootElement.EnumerateObject()
                .Select(item => item.Name)
                .Where(name => name.Length >= 3 + End.Length && name.EndsWith(End, StringComparison.Ordinal))
                .Select(name => name[..^End.Length])
                .Where(name => name.All(char.IsAsciiLetterLower)),
        ];
    }

    /// <summary>Small indices are drawn more often, as short tokens are merged more often.</summary>
    private static int Early(Random random, int count) => (int)(count * Math.Pow(random.NextDouble(), 2));

    private static IEnumerable<string> Symbols()
    {
        var next = 256;
        return Enumerable
            .Range(0, 256)
            .Select(value => value is (>= 33 and <= 126) or (>= 161 and <= 172) or >= 174 ? $"{(char)value}" : $"{(char)next++}");
    }
}

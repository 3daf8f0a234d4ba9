using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pipeline.Models.Tests.Clip;

/// <summary>A whole byte-level vocabulary with a few merges of our own, as the files of a model's folder.</summary>
internal static class TinyVocabulary
{
    /// <summary>Bytes, bytes at the end of a word, merges, start and end.</summary>
    public static Dictionary<string, int> Ids()
    {
        var ids = new Dictionary<string, int>();
        foreach (var token in Symbols().Concat(Symbols().Select(symbol => $"{symbol}</w>")))
        {
            ids.Add(token, ids.Count);
        }

        foreach (var merge in Ordered)
        {
            ids.TryAdd(merge.Replace(" ", "", StringComparison.Ordinal), ids.Count);
        }

        ids.Add("<|startoftext|>", ids.Count);
        ids.Add("<|endoftext|>", ids.Count);
        return ids;
    }

    /// <summary>The merges with every part made before it is used.</summary>
    public static IReadOnlyList<string> Ordered { get; } =
    ["l o</w>", "c a", "ca t</w>", "d o", "do g</w>", "! !</w>", "h e", "he l", "hel lo</w>"];

    public static void WriteSplit(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "vocab.json"), JsonSerializer.Serialize(Ids()));
        File.WriteAllLines(Path.Combine(folder, "merges.txt"), ["#version: 0.2", .. Ordered]);
    }

    /// <summary>tokenizer.json alone, with merges as texts or as pairs.</summary>
    public static void WriteWhole(string folder, bool pairs)
    {
        var ids = Ids();
        var merges = Ordered.Select(merge =>
            pairs ? (JsonNode)new JsonArray([.. merge.Split(' ').Select(part => (JsonNode)part)]) : (JsonNode)merge
        );
        var root = new JsonObject
        {
            ["added_tokens"] = new JsonArray(
                new JsonObject
                {
                    ["id"] = ids["<|startoftext|>"],
                    ["content"] = "<|startoftext|>",
                    ["special"] = true,
                },
                new JsonObject
                {
                    ["id"] = ids["<|endoftext|>"],
                    ["content"] = "<|endoftext|>",
                    ["special"] = true,
                }
            ),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["end_of_word_suffix"] = "</w>",
                ["vocab"] = JsonSerializer.SerializeToNode(ids),
                ["merges"] = new JsonArray([.. merges]),
            },
        };
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), root.ToJsonString());
    }

    private static IEnumerable<string> Symbols()
    {
        var next = 256;
        return Enumerable
            .Range(0, 256)
            .Select(value => value is (>= 33 and <= 126) or (>= 161 and <= 172) or >= 174 ? $"{(char)value}" : $"{(char)next++}");
    }
}

using System.Diagnostics;
using System.Text.Json;
using Pipeline.Models.Clip;

namespace Pipeline.Benchmarks.Encoders;

/// <summary>CLIP's tokenizer on one thread over 100,000 distinct captions, each encoded once: no caption's result can be kept for another.</summary>
/// <remarks>
/// The vocabulary is that of <c>PIPELINE_CLIP_TOKENIZER</c> where that is set, else one of the same size drawn from a seed, whose words are as long as English ones.
/// The captions are made of its words and of pairs of them, a quarter of them, so that about half of all words are cut into several tokens.
/// </remarks>
public static class TokenizerBench
{
    private const int Captions = 100_000;
    private const double TokensPerSecond = 1_000_000;

    /// <summary>Prints one JSON line.</summary>
    /// <returns>0; 1 when the rate is too low.</returns>
    public static Task<int> RunAsync(string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("tokenizer-bench-").FullName;
        try
        {
            var named = Environment.GetEnvironmentVariable("PIPELINE_CLIP_TOKENIZER");
            if (string.IsNullOrEmpty(named))
            {
                DrawnVocabulary.Write(folder);
            }

            var tokenizer = ClipTokenizer.Read(string.IsNullOrEmpty(named) ? folder : named);
            var words = DrawnVocabulary.Words(string.IsNullOrEmpty(named) ? folder : named);
            Encode(tokenizer, Draw(words, 20_000, seed: 1));
            var captions = Draw(words, Captions, seed: 2);
            var (watch, before) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
            var tokens = Encode(tokenizer, captions);
            var seconds = (Environment.CpuUsage.TotalTime - before).TotalSeconds;
            var ratio = tokens / seconds / TokensPerSecond;
            Console.WriteLine(
                JsonSerializer.Serialize(
                    new Dictionary<string, object>
                    {
                        ["bench"] = "tokenizer",
                        ["ratio"] = Math.Round(ratio, 3),
                        ["tokens_per_cpu_s"] = (long)(tokens / seconds),
                        ["tokens_per_wall_s"] = (long)(tokens / watch.Elapsed.TotalSeconds),
                        ["captions"] = captions.Length,
                        ["tokens_per_caption"] = Math.Round(tokens / (double)captions.Length, 1),
                        ["vocabulary"] = string.IsNullOrEmpty(named) ? "drawn" : "named",
                    }
                )
            );
            return Task.FromResult(ratio >= 1 ? 0 : 1);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static long Encode(ClipTokenizer tokenizer, string[] captions)
    {
        var row = new long[77];
        var tokens = 0L;
        foreach (var caption in captions)
        {
            tokens += tokenizer.Encode(caption, row);
        }

        return tokens;
    }

    private static string[] Draw(string[] words, int count, int seed)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(_ => $"A photo of {string.Join(' ', Enumerable.Range(0, 9).Select(_ => Word()))}, {random.Next(1000)}.")
                .Distinct(StringComparer.Ordinal),
        ];

        string Word() =>
            random.Next(4) == 0 ? words[random.Next(words.Length)] + words[random.Next(words.Length)] : words[random.Next(words.Length)];
    }
}

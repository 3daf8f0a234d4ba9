using System.Diagnostics;
using System.Text.Json;
using Pipeline.Benchmarks.Decode;
using Pipeline.Benchmarks.Peers;
using Pipeline.Models.Clip;

namespace Pipeline.Benchmarks.Encoders;

/// <summary>CLIP's preprocessing of 1024 × 768 JPEG files, bytes to normalised planes, on one thread: ours against Pillow with NumPy, on the same files in memory.</summary>
/// <remarks>Rates are images for a second of processor time; medians over interleaved rounds.</remarks>
public static class PreprocessBench
{
    private const int Rounds = 15;
    private const int WarmUpRounds = 4;

    /// <summary>Exact against Pillow as transformers calls it, at least this.</summary>
    private const double ExactLimit = 2;

    /// <summary>Fast against Pillow with <c>draft</c>, at least this.</summary>
    private const double FastLimit = 1.2;

    private const string Naive = """
        image = Image.open(io.BytesIO(data)).convert('RGB')
        image = image.resize((298, 224), Image.BICUBIC)
        pixels = np.asarray(image)[:, 37:261]
        pixels = (pixels * (1 / 255)).astype(np.float32)
        pixels = ((pixels - mean) / deviation).transpose(2, 0, 1)
        assert pixels.shape == (3, 224, 224)
        """;

    private const string Drafted = "image = Image.open(io.BytesIO(data)); image.draft('RGB', (298, 224)); image = image.convert('RGB')";

    /// <summary>Prints one JSON line.</summary>
    /// <returns>0; 1 when a ratio is too low.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        FileSet[] sets = [new("1024x768", Photographs.Make(12, 1024, 768))];
        var preprocessing = ClipPreprocessing.Default(224);
        await DebianPython.NeedAsync("numpy", "python3-numpy");
        using var naive = await PillowPeer.StartAsync(sets, Start + Naive);
        using var draft = await PillowPeer.StartAsync(sets, Start + Drafted + Naive[Naive.IndexOf('\n', StringComparison.Ordinal)..]);
        var contestants = new Dictionary<string, Func<Taken>>(StringComparer.Ordinal)
        {
            ["exact"] = () => Timed(sets[0], file => preprocessing.Prepare(file)),
            ["pillow"] = () => naive.Run(sets[0]),
            ["fast"] = () => Timed(sets[0], file => preprocessing.Prepare(file, ClipPixels.Fast)),
            ["pillow_draft"] = () => draft.Run(sets[0]),
        };
        var taken = contestants.Keys.ToDictionary(name => name, _ => new List<double>(), StringComparer.Ordinal);
        for (var round = -WarmUpRounds; round < Rounds; round++)
        {
            foreach (var (name, run) in contestants)
            {
                var seconds = run().CpuSeconds;
                if (round >= 0)
                {
                    taken[name].Add(seconds);
                }
            }
        }

        double Rate(string name) => sets[0].Files.Length / taken[name].Order().ElementAt(Rounds / 2);
        var (exact, fast) = (Rate("exact") / Rate("pillow"), Rate("fast") / Rate("pillow_draft"));
        var line = new Dictionary<string, object>
        {
            ["bench"] = "preprocess",
            ["ratio"] = Math.Round(exact, 3),
            ["ratio_fast"] = Math.Round(fast, 3),
            ["pillow_version"] = naive.Version,
        };
        foreach (var name in contestants.Keys)
        {
            line[$"{name}_images_per_cpu_s"] = Math.Round(Rate(name), 1);
        }

        Console.WriteLine(JsonSerializer.Serialize(line));
        return exact >= ExactLimit && fast >= FastLimit ? 0 : 1;
    }

    private const string Start = """
        import numpy as np
        mean = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)
        deviation = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)

        """;

    private static Taken Timed(FileSet set, Func<byte[], float[]> prepare)
    {
        var (watch, before) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        foreach (var file in set.Files)
        {
            if (prepare(file).Length != 3 * 224 * 224)
            {
                throw new InvalidOperationException("A prepared image has another size than 3 x 224 x 224.");
            }
        }

        return new Taken((Environment.CpuUsage.TotalTime - before).TotalSeconds, watch.Elapsed.TotalSeconds);
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using NetVips;
using Pipeline.Models.Images;

namespace Pipeline.Benchmarks.Decode;

/// <summary>JPEG decoding and resizing to 224 x 224 on one thread: ours against libvips' thumbnail and Pillow with <c>draft</c>, on the same files in memory.</summary>
/// <remarks>
/// Rates are images for a second of processor time, which is what "per core" means and what other programs on the machine disturb
/// least; the rates by the clock stand beside them. Medians over interleaved rounds; the ratio is that of the worst set.
/// </remarks>
public static class DecodeBench
{
    private const int EdgePixels = 224;
    private const int DefaultRounds = 31;
    private const int WarmUpRounds = 6;

    /// <summary>Prints one JSON line; <c>--rounds N</c> (1 to 1000) sets how often every contestant runs over every set.</summary>
    /// <returns>0, or 2 for an argument that is not known.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (Rounds(arguments) is not { } rounds)
        {
            await Console.Error.WriteLineAsync(
                $"decode: the arguments are '{string.Join(' ', arguments)}'; --rounds N, N from 1 to 1000, is wanted."
            );
            return 2;
        }
        VipsSettings.Apply();
        var small = Photographs.Make(24, 500, 375);
        var large = Photographs.Make(12, 1024, 768);
        var sets = new[] { new FileSet("500x375", small), new FileSet("1024x768", large), new FileSet("mixed", [.. small, .. large]) };

        using var pillow = await PillowPeer.StartAsync(sets, PillowPeer.ToSize);
        var contestants = new Contestant[]
        {
            new("ours", set => Timed(set, file => ImageDecoder.DecodeToSize(file, EdgePixels, EdgePixels).Pixels)),
            new("vips", set => Timed(set, Thumbnail)),
            new("pillow", pillow.Run),
        };
        var taken = Measure(sets, contestants, rounds);
        var figures = sets.Select(set => Figures(set, contestants, taken)).ToArray();
        var line = new Dictionary<string, object>
        {
            ["bench"] = "decode",
            ["ratio"] = figures.Min(figure => (double)figure["ratio"]),
            ["target"] = $"{EdgePixels}x{EdgePixels}",
            ["rounds"] = rounds,
            ["pillow_version"] = pillow.Version,
            ["vips_version"] = $"{NetVips.NetVips.Version(0)}.{NetVips.NetVips.Version(1)}.{NetVips.NetVips.Version(2)}",
            ["sets"] = figures,
        };
        Console.WriteLine(JsonSerializer.Serialize(line));
        return 0;
    }

    private static int? Rounds(string[] arguments) =>
        arguments switch
        {
            [] => DefaultRounds,
            ["--rounds", var text] when int.TryParse(text, CultureInfo.InvariantCulture, out var rounds) && rounds is >= 1 and <= 1000 =>
                rounds,
            _ => null,
        };

    /// <summary>What every contestant took in every round; who begins changes from round to round.</summary>
    private static Dictionary<(string Contestant, string Set), List<Taken>> Measure(FileSet[] sets, Contestant[] contestants, int rounds)
    {
        var taken = (from each in contestants from set in sets select (each.Name, set.Name)).ToDictionary(
            key => key,
            _ => new List<Taken>()
        );
        for (var round = -WarmUpRounds; round < rounds; round++)
        {
            foreach (var set in sets)
            {
                for (var turn = 0; turn < contestants.Length; turn++)
                {
                    var contestant = contestants[(turn + round + WarmUpRounds) % contestants.Length];
                    var one = contestant.Run(set);
                    if (round >= 0)
                    {
                        taken[(contestant.Name, set.Name)].Add(one);
                    }
                }
            }
        }
        return taken;
    }

    private static Dictionary<string, object> Figures(
        FileSet set,
        Contestant[] contestants,
        Dictionary<(string Contestant, string Set), List<Taken>> taken
    )
    {
        double Rate(string contestant, Func<Taken, double> seconds) =>
            set.Files.Length / Median(taken[(contestant, set.Name)].Select(seconds));

        var rates = contestants.ToDictionary(each => each.Name, each => Rate(each.Name, one => one.CpuSeconds));
        var figures = new Dictionary<string, object>
        {
            ["set"] = set.Name,
            ["ratio"] = Math.Round(rates["ours"] / Math.Max(rates["vips"], rates["pillow"]), 3),
            ["images"] = set.Files.Length,
            ["bytes_per_image"] = (int)set.Files.Average(file => file.Length),
        };
        foreach (var (name, rate) in rates)
        {
            figures[$"{name}_images_per_cpu_s"] = Math.Round(rate, 1);
            figures[$"{name}_images_per_wall_s"] = Math.Round(Rate(name, one => one.WallSeconds), 1);
        }
        return figures;
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static Taken Timed(FileSet set, Func<byte[], byte[]> decode)
    {
        var watch = Stopwatch.StartNew();
        var before = Environment.CpuUsage.TotalTime;
        foreach (var file in set.Files)
        {
            if (decode(file).Length != EdgePixels * EdgePixels * 3)
            {
                throw new InvalidOperationException($"A decoded image has another size than {EdgePixels} x {EdgePixels} x 3.");
            }
        }
        return new Taken((Environment.CpuUsage.TotalTime - before).TotalSeconds, watch.Elapsed.TotalSeconds);
    }

    private static byte[] Thumbnail(byte[] file)
    {
        using var image = Image.ThumbnailBuffer(file, EdgePixels, height: EdgePixels, size: Enums.Size.Force);
        return image.WriteToMemory<byte>();
    }

    private sealed record Contestant(string Name, Func<FileSet, Taken> Run);
}

/// <summary>Encoded files that are decoded together.</summary>
/// <param name="Name">For the report.</param>
/// <param name="Files">JPEG files.</param>
internal sealed record FileSet(string Name, byte[][] Files);

/// <summary>What one turn over a set cost.</summary>
/// <param name="CpuSeconds">Processor time of the whole process, its helper threads and garbage collection included.</param>
/// <param name="WallSeconds">Time on the clock.</param>
internal sealed record Taken(double CpuSeconds, double WallSeconds);

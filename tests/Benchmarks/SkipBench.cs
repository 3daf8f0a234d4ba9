using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Pipeline.Models.Images;
using Pipeline.Stages.Runs;

namespace Pipeline.Benchmarks;

/// <summary>How long a finished run over a million samples takes to see that nothing is to be done; beside it the bare walk over the same files.</summary>
/// <remarks>The samples are 8 × 8 px PNGs, linked from a few; the pipeline has the stage ingest alone, so that the bench itself ends in minutes.</remarks>
internal static partial class SkipBench
{
    private const int Classes = 20;
    private const int LinksPerFile = 30_000; // below ext4's 65,000 links to one file
    private const double LimitSeconds = 5;

    /// <summary>Takes the number of samples; a million if it is left out.</summary>
    internal static async Task<int> RunAsync(string[] arguments)
    {
        var samples = arguments is [var text] ? int.Parse(text, CultureInfo.InvariantCulture) : 1_000_000;
        var folder = Directory.CreateTempSubdirectory("pipeline-skip-").FullName;
        try
        {
            WriteSamples(folder, samples);
            var pipeline = Path.Combine(folder, "ingest.yaml");
            await File.WriteAllTextAsync(pipeline, "pipeline: ingest\nstages: { ingest: {} }\n");
            var settings = new RunSettings
            {
                Pipeline = pipeline,
                Input = Path.Combine(folder, "in"),
                Output = Path.Combine(folder, "out"),
            };
            var (first, _) = await TimedAsync(settings);
            var walk = Walk(Path.Combine(folder, "in"));
            var (again, end) = await TimedAsync(settings);
            Console.WriteLine(
                JsonSerializer.Serialize(
                    new
                    {
                        bench = "skip",
                        ratio = Math.Round(again / walk, 3),
                        seconds = Math.Round(again, 2),
                        limitSeconds = LimitSeconds,
                        bareWalkSeconds = Math.Round(walk, 2),
                        firstRunSeconds = Math.Round(first, 1),
                        samples,
                        unchanged = end.Unchanged,
                    }
                )
            );
            return end.Unchanged ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(double Seconds, SessionEnd End)> TimedAsync(RunSettings settings)
    {
        var clock = Stopwatch.StartNew();
        var end = await RunSession.RunAsync(settings, new Unwatched(), TimeProvider.System, CancellationToken.None);
        return (clock.Elapsed.TotalSeconds, end);
    }

    private static double Walk(string folder)
    {
        var clock = Stopwatch.StartNew();
        var bytes = new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        return bytes > 0 ? clock.Elapsed.TotalSeconds : throw new InvalidOperationException("The samples are empty files.");
    }

    private static void WriteSamples(string folder, int samples)
    {
        for (var index = 0; index < samples; index++)
        {
            var source = Path.Combine(folder, $"{index / LinksPerFile}.png");
            if (index % LinksPerFile == 0)
            {
                File.WriteAllBytes(
                    source,
                    PngEncoder.Encode(new RgbImage(8, 8, [.. Enumerable.Repeat((byte)(index / LinksPerFile), 192)]))
                );
            }

            var place = Path.Combine(folder, "in", $"class{index % Classes:D2}");
            Directory.CreateDirectory(place);
            if (Link(source, Path.Combine(place, $"{index:D7}.png")) != 0)
            {
                throw new IOException($"{source} cannot be linked: error {Marshal.GetLastPInvokeError()}.");
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string added);

    private sealed class Unwatched : IRunMonitor
    {
        public void Report(RunProgress progress)
        {
            // nobody looks
        }
    }
}

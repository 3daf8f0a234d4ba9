using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Pipeline.Benchmarks.Shards;
using Pipeline.Models.Images;
using Pipeline.Plugins;

namespace Pipeline.Benchmarks.Cluster;

/// <summary>What it costs to add a stage to a run that goes on: seconds from the command to the new stage's first finished batch, and the rate of the other stage then, by its rate before.</summary>
/// <remarks>The program as a user starts it: a host, <c>submit</c>, and <c>stage add --from start</c> with a plugin that is present. The new stage follows one that has
/// finished the batches of a single call and holds the others, so that it has little to catch up with; the stage whose rate is measured sleeps a known time a call.
/// So the rate tells of interruptions, and not of shared cores. In turn; medians.</remarks>
internal static class HotAddBench
{
    private const int Batches = 6000;
    private const int BatchRows = 4;
    private const int Rounds = 3;
    private const double WantedSeconds = 2;
    private const double WantedRatio = 0.95;
    private const string Slow = "slow";
    private const string Once = "once";

    /// <summary>The first call goes through; those that follow wait for ever.</summary>
    private const string FirstCallAlone = """
        if (Environment.GetEnvironmentVariable("HOTADD_ONCE") is not null) await Task.Delay(-1, stop);
        Environment.SetEnvironmentVariable("HOTADD_ONCE", "1");
        """;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Takes no arguments.</summary>
    internal static async Task<int> RunAsync(string[] arguments)
    {
        await using var broker = await BenchBroker.StartAsync();
        var folder = Directory.CreateTempSubdirectory("bench-hotadd-").FullName;
        try
        {
            await MeasureAsync(new Site(broker, folder));
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MeasureAsync(Site site)
    {
        site.Write();
        using var host = site.Start("host", "--stages", "all");
        try
        {
            var run = (await site.EndAsync("submit", site.Pipeline, "--input", site.Input)).TrimEnd().Split('\n')[^1].Trim();
            await UntilAsync(() => site.Count(run, Slow) >= 100 && site.Count(run, Once) > 0);
            var (seconds, ratios) = (new List<double>(), new List<double>());
            for (var round = 0; round < Rounds; round++)
            {
                var before = await RateAsync(site, run);
                var (added, after) = await AddAsync(site, run, string.Create(CultureInfo.InvariantCulture, $"late{round}"));
                seconds.Add(added);
                ratios.Add(after / before);
            }

            if (site.Count(run, Slow) >= Batches)
            {
                throw new InvalidOperationException(
                    "The run ended before it was measured; it must last longer. Raise the number of batches."
                );
            }

            Console.WriteLine(
                JsonSerializer.Serialize(
                    new
                    {
                        bench = "hotadd",
                        seconds = Math.Round(Pair.Median(seconds), 2),
                        wanted_seconds = WantedSeconds,
                        ratio = Math.Round(Pair.Median(ratios), 3),
                        wanted = WantedRatio,
                        slowest_seconds = Math.Round(seconds.Max(), 2),
                        least_ratio = Math.Round(ratios.Min(), 3),
                        rounds = Rounds,
                        broker = site.BrokerVersion,
                    }
                )
            );
        }
        finally
        {
            host.Kill();
            await host.WaitForExitAsync();
        }
    }

    /// <summary>Adds a side branch; gives the seconds to its first shard, and the other stage's rate from the command on.</summary>
    private static async Task<(double Seconds, double Rate)> AddAsync(Site site, string run, string name)
    {
        var watch = Stopwatch.StartNew();
        var rate = RateAsync(site, run);
        var command = site.EndAsync("stage", "add", name, "--kind", "stamp", "--after", Once, "--from", "start", "--run", run);
        await UntilAsync(() => site.Count(run, name) > 0);
        var seconds = watch.Elapsed.TotalSeconds;
        await command;
        return (seconds, await rate);
    }

    private static async Task<double> RateAsync(Site site, string run)
    {
        var (watch, before) = (Stopwatch.StartNew(), site.Count(run, Slow));
        await Task.Delay(Window);
        return (site.Count(run, Slow) - before) / watch.Elapsed.TotalSeconds;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            if (watch.Elapsed > Limit)
            {
                throw new InvalidOperationException(
                    $"What was waited for did not come within {Limit.TotalSeconds} s; what the programs said is above."
                );
            }

            await Task.Delay(Glance);
        }
    }

    /// <summary>A store, a data set and plugins, and the program on them.</summary>
    private sealed class Site(BenchBroker broker, string folder)
    {
        public string Input => Path.Combine(folder, "in");

        public string Pipeline => Path.Combine(folder, "hot.yaml");

        public string BrokerVersion => broker.Version;

        private string Store => Path.Combine(folder, "store");

        private string Plugins => Path.Combine(folder, "plugins");

        public void Write()
        {
            PluginCompiler.Compile(Plugins, "Slow", PluginSources.Number(Slow, value: "1", call: "await Task.Delay(100, stop);"));
            PluginCompiler.Compile(Plugins, "Once", PluginSources.Number(Once, call: FirstCallAlone));
            PluginCompiler.Compile(Plugins, "Stamp", PluginSources.Number("stamp"));
            var target = Directory.CreateDirectory(Path.Combine(Input, "train", "a")).FullName;
            for (var index = 0; index < Batches * BatchRows; index++)
            {
                var pixels = new byte[8 * 8 * 3];
                BitConverter.TryWriteBytes(pixels, index * 7919);
                File.WriteAllBytes(Path.Combine(target, $"{index:D6}.png"), PngEncoder.Encode(new RgbImage(8, 8, pixels)));
            }

            File.WriteAllText(
                Pipeline,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"pipeline: hot\nstages: {{ ingest: {{ batch: {BatchRows}, unfinished: 6000 }}, slow: {{}}, once: {{ after: ingest }} }}\n"
                )
            );
        }

        public int Count(string run, string stage)
        {
            var shards = Path.Combine(Store, run, "runs", run, stage);
            return Directory.Exists(shards) ? Directory.EnumerateFiles(shards, "0*.parquet").Count() : 0;
        }

        /// <summary>Starts the program with what every command here takes.</summary>
        public Process Start(params IEnumerable<string> arguments)
        {
            string[] everywhere = ["--broker", broker.Address.GetLeftPart(UriPartial.Authority), "--store", Store];
            string[] plugins = ["--plugins", Plugins, "--plugins-unchecked"];
            var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "pipeline"), [.. arguments, .. everywhere, .. plugins])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
            };
            return Process.Start(start) ?? throw new InvalidOperationException("The program did not start.");
        }

        public async Task<string> EndAsync(params IReadOnlyList<string> arguments)
        {
            using var program = Start(arguments);
            var printed = await program.StandardOutput.ReadToEndAsync();
            await program.WaitForExitAsync();
            return program.ExitCode == 0
                ? printed
                : throw new InvalidOperationException($"pipeline {string.Join(' ', arguments)} ended with {program.ExitCode}: {printed}");
        }
    }
}

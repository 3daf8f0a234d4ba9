using System.Globalization;
using System.Text.Json;
using Pipeline.Benchmarks.Decode;
using Pipeline.Benchmarks.Shards;

namespace Pipeline.Benchmarks.Cluster;

/// <summary>How much of the machine a run leaves to the work itself: processor seconds of a bare loop by cores times the seconds that the queued run takes on the clock.</summary>
/// <remarks>Loop and run alternate over the same files after a round that compiles; medians. Broker and benchmark share the cores. Both times are the
/// process's and the clock's, none is the pipeline's own.</remarks>
internal static class EfficiencyBench
{
    private const int Files = 9_216;
    private const int Rounds = 5;
    private const double Wanted = 0.9;

    /// <summary>Takes the number of files; 9,216 if it is left out.</summary>
    internal static async Task<int> RunAsync(string[] arguments)
    {
        var files = arguments is [var text] ? int.Parse(text, CultureInfo.InvariantCulture) : Files;
        using var job = new PixelHashJob(files);
        await using var broker = await BenchBroker.StartAsync();
        await using var transport = await broker.ConnectAsync();
        var (bare, queued) = (new List<double>(), new List<Taken>());
        for (var round = -1; round < Rounds; round++)
        {
            var (loop, run) = (await job.BareAsync(), await job.QueuedAsync(transport));
            if (round >= 0)
            {
                bare.Add(loop);
                queued.Add(run);
            }
        }

        var (cpu, wall) = (Pair.Median(bare), Pair.Median(queued.Select(run => run.WallSeconds)));
        Console.WriteLine(
            JsonSerializer.Serialize(
                new
                {
                    bench = "efficiency",
                    ratio = Math.Round(cpu / (Environment.ProcessorCount * wall), 3),
                    wanted = Wanted,
                    best_ratio = Math.Round(bare.Min() / (Environment.ProcessorCount * queued.Min(run => run.WallSeconds)), 3),
                    bare_cpu_seconds = Math.Round(cpu, 3),
                    wall_seconds = Math.Round(wall, 3),
                    run_cpu_seconds = Math.Round(Pair.Median(queued.Select(run => run.CpuSeconds)), 3),
                    cores = Environment.ProcessorCount,
                    files,
                    rounds = Rounds,
                    broker = broker.Version,
                }
            )
        );
        return 0;
    }
}

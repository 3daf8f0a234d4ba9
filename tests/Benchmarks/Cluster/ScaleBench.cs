using System.Diagnostics;
using System.Text.Json;
using Pipeline.Benchmarks.Flow;
using Pipeline.Benchmarks.Shards;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Flow;

namespace Pipeline.Benchmarks.Cluster;

/// <summary>What a second host brings: seconds that two take for the batches of a stage that sleeps, by the seconds that one takes.</summary>
/// <remarks>Hosts are processes of this program with a connection and a graph each, over one queue and one folder. The stage sleeps a known time a
/// batch in one lane, so that neither cores nor disk are what is shared. In turn; medians.</remarks>
internal static class ScaleBench
{
    private const int Batches = 100;
    private const int Rounds = 3;
    private const double Wanted = 0.55;
    private const string Serve = "--serve";
    private const string Ready = "ready";
    private const string Run = "bench-scale";
    private const string Stage = "sleep";

    private static readonly TimeSpan Sleep = TimeSpan.FromMilliseconds(100);
    private static readonly FlowOptions Flow = new(MicroBatch: StageChain.BatchRows, Workers: 2, Lanes: 1, Prefetch: 2);

    /// <summary>Takes the broker's address, or, as <c>--serve ADDRESS FOLDER</c>, is one host until its input ends.</summary>
    internal static Task<int> RunAsync(string[] arguments) =>
        arguments is [Serve, var address, var folder] ? ServeAsync(new Uri(address), folder) : MeasureAsync(arguments);

    private static async Task<int> MeasureAsync(string[] arguments)
    {
        await using var broker = await BenchBroker.StartAsync();
        var folder = Directory.CreateTempSubdirectory("bench-scale-").FullName;
        try
        {
            var (one, two) = (new List<double>(), new List<double>());
            for (var round = 0; round < Rounds; round++)
            {
                one.Add(await HostsAsync(broker, Path.Combine(folder, $"{round}-1"), 1));
                two.Add(await HostsAsync(broker, Path.Combine(folder, $"{round}-2"), 2));
            }

            Console.WriteLine(
                JsonSerializer.Serialize(
                    new
                    {
                        bench = "scale",
                        ratio = Math.Round(Pair.Median(two) / Pair.Median(one), 3),
                        wanted = Wanted,
                        one_host_seconds = Math.Round(Pair.Median(one), 3),
                        two_hosts_seconds = Math.Round(Pair.Median(two), 3),
                        slept_seconds = Batches * Sleep.TotalSeconds,
                        batches = Batches,
                        rounds = Rounds,
                        broker = broker.Version,
                    }
                )
            );
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<double> HostsAsync(BenchBroker broker, string folder, int count)
    {
        var store = new FolderStore(folder);
        var rows = Enumerable.Range(0, Batches * StageChain.BatchRows).Select(FlowBench.Row);
        var messages = await StageChain.WriteSourceAsync(store, Run, rows);
        await using var transport = await broker.ConnectAsync();
        await using var chain = new StageChain(transport, store, Run);
        await chain.DeclareAsync(Stage, $"*.{StageChain.Source}");
        var hosts = Enumerable.Range(0, count).Select(_ => Host(broker.Address, folder)).ToArray();
        try
        {
            foreach (var host in hosts)
            {
                if (await host.StandardOutput.ReadLineAsync() != Ready)
                {
                    throw new InvalidOperationException("A host ended before it was ready; what it said is above.");
                }
            }

            return (await chain.DriveAsync(messages, Stage)).TotalSeconds;
        }
        finally
        {
            foreach (var host in hosts)
            {
                host.StandardInput.Close();
                await host.WaitForExitAsync();
                host.Dispose();
            }
        }
    }

    private static Process Host(Uri broker, string folder)
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is not known.");
        var start = new ProcessStartInfo(program, ["scale", Serve, broker.OriginalString, folder])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
    }

    private static async Task<int> ServeAsync(Uri broker, string folder)
    {
        await using var transport = await BenchBroker.ConnectAsync(broker);
        await using var chain = new StageChain(transport, new FolderStore(folder), Run);
        await chain.ServeAsync(Stage, StageChain.Source, new SleepStage(Sleep), Flow);
        Console.WriteLine(Ready);
        await Console.In.ReadToEndAsync();
        return 0;
    }
}

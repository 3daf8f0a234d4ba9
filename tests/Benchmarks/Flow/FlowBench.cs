using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Transport.Embedded;

namespace Pipeline.Benchmarks.Flow;

/// <summary>What the flow itself costs: four row stages in a chain, batches of 64, on the embedded transport and a folder.</summary>
/// <remarks>
/// <para><c>ratio</c>: wall time of a chain whose second stage works 1 ms a sample in one lane, to the same work in a bare loop on one thread. The
/// work is a fixed number of steps, measured to take 1 ms; the other core takes all the rest. Chain and loop alternate; the ratio is of the best of each.</para>
/// <para><c>noop_samples_per_second</c>: through four stages that do nothing, so all is cost of the flow: messages, shards, files. Its store is in
/// memory (<c>/dev/shm</c>) where there is such a folder, so that the disk is not what is measured; <c>store</c> says where it was. The best of the
/// rounds counts, as others may use the machine; CPU time of the process stands beside it, which other load on the machine does not stretch.</para>
/// </remarks>
internal static class FlowBench
{
    private const int BusyBatches = 64;
    private const int IdleBatches = 800;
    private const int Rounds = 3;
    private const int Stages = 4;
    private const double BusyMilliseconds = 1;
    private const string Memory = "/dev/shm";
    private const string Run = "bench";
    private static readonly FlowOptions Flow = new(MicroBatch: StageChain.BatchRows, Workers: 2, Lanes: 1, Prefetch: 4);

    private static double sink;

    /// <summary>Takes <c>--store FOLDER</c>, under which the store lies.</summary>
    internal static async Task<int> RunAsync(string[] arguments)
    {
        var memory = Directory.Exists(Memory) ? Memory : Path.GetTempPath();
        var root = Path.Combine(arguments is ["--store", var folder] ? folder : memory, $"bench-flow-{Environment.ProcessId}");
        try
        {
            await MeasureAsync(root, IdleBatches / 4, Idle()); // compiles
            var idle = new List<Cost>();
            for (var round = 0; round < Rounds; round++)
            {
                idle.Add(await MeasureAsync(root, IdleBatches, Idle()));
            }

            var steps = StepsPerMillisecond();
            var loops = new List<double>();
            var flows = new List<double>();
            for (var round = 0; round < Rounds; round++)
            {
                var clock = Stopwatch.StartNew();
                for (var sample = 0; sample < BusyBatches * StageChain.BatchRows; sample++)
                {
                    Work(steps);
                }

                loops.Add(clock.Elapsed.TotalSeconds);
                NumberStage[] busy = [new(Nothing), new(() => Work(steps)), new(Nothing), new(Nothing)];
                flows.Add((await MeasureAsync(root, BusyBatches, busy)).Seconds);
            }

            var samples = IdleBatches * StageChain.BatchRows;
            var best = idle.MinBy(cost => cost.Seconds);
            var cpu = idle.Min(cost => cost.CpuSeconds);
            await Console.Out.WriteLineAsync(
                JsonSerializer.Serialize(
                    new
                    {
                        bench = "flow",
                        ratio = Math.Round(flows.Min() / loops.Min(), 3),
                        flow_seconds = Math.Round(flows.Min(), 3),
                        loop_seconds = Math.Round(loops.Min(), 3),
                        busy_samples = BusyBatches * StageChain.BatchRows,
                        busy = "1 ms a sample in stage 2 of 4, one lane; loop: one thread",
                        noop_samples_per_second = Math.Round(samples / best.Seconds),
                        noop_samples = samples,
                        noop_cpu_microseconds_per_sample = Math.Round(cpu * 1e6 / samples, 1),
                        noop_cpu_milliseconds_per_batch_and_stage = Math.Round(cpu * 1e3 / IdleBatches / Stages, 3),
                        cores = Environment.ProcessorCount,
                        store = Path.GetDirectoryName(root),
                    }
                )
            );
            return 0;
        }
        finally
        {
            Delete(root);
        }
    }

    private static NumberStage[] Idle() => [.. Enumerable.Range(0, Stages).Select(_ => new NumberStage(Nothing))];

    internal static NumberRow Row(int number) => new(number.ToString("x32", CultureInfo.InvariantCulture), number);

    private static void Nothing() { }

    private static async Task<Cost> MeasureAsync(string root, int batches, NumberStage[] stages)
    {
        Delete(root);
        var store = new FolderStore(root);
        var messages = await StageChain.WriteSourceAsync(store, Run, Enumerable.Range(0, batches * StageChain.BatchRows).Select(Row));
        await using var transport = new EmbeddedTransport();
        await using var chain = new StageChain(transport, store, Run);
        for (var index = 0; index < stages.Length; index++)
        {
            var follows = index == 0 ? StageChain.Source : StageChain.Name(index);
            await chain.ServeAsync(StageChain.Name(index + 1), follows, stages[index], Flow);
        }

        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        var seconds = (await chain.DriveAsync(messages, StageChain.Name(stages.Length))).TotalSeconds;
        process.Refresh();
        return new Cost(seconds, (process.TotalProcessorTime - before).TotalSeconds);
    }

    private static void Delete(string root)
    {
        if (Directory.Exists(root))
        {
            Directory.Delete(root, recursive: true);
        }
    }

    /// <summary>Divisions that wait for one another: nothing to predict, nothing in memory.</summary>
    private static void Work(int steps)
    {
        var value = 1.5;
        for (var step = 0; step < steps; step++)
        {
            value = 1 + (1 / value);
        }

        sink = value;
    }

    private static int StepsPerMillisecond()
    {
        const int Steps = 100_000;
        var best = double.MaxValue;
        for (var round = 0; round < 200; round++)
        {
            var clock = Stopwatch.StartNew();
            Work(Steps);
            best = Math.Min(best, clock.Elapsed.TotalMilliseconds);
        }

        return (int)(Steps * BusyMilliseconds / best);
    }

    private readonly record struct Cost(double Seconds, double CpuSeconds);
}

using System.Globalization;
using Pipeline.Tests.Broker;

namespace Pipeline.EndToEnd.Tests.Cluster;

/// <summary>500 batches on three hosts, to which everything happens that may: what comes out is what an undisturbed run in one process writes.</summary>
[Trait("Kind", "Broker")]
public sealed class ChaosTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Training = 230; // of each of two classes
    private const int Held = 10; // of each class and of two splits
    private const int Samples = 2 * (Training + (2 * Held));
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);
    private readonly string folder = Directory.CreateTempSubdirectory("pipeline-chaos-").FullName;
    private SmallDisk? disk;

    public ValueTask InitializeAsync()
    {
        disk = SmallDisk.Mount(folder, "8g");
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        disk?.Dispose();
        Directory.Delete(folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public Task Faults_54_change_nothing_in_what_comes_out() => RunAsync(faults: 54, freeze: TimeSpan.FromSeconds(20));

    [Fact]
    [Trait("Form", "Long")]
    public Task Faults_1000_change_nothing_in_what_comes_out() => RunAsync(faults: 1000, freeze: TimeSpan.FromSeconds(60));

    /// <summary>Runs one after the other, each of another seed, until there were that many faults.</summary>
    private async Task RunAsync(int faults, TimeSpan freeze)
    {
        var installed = SharedBroker.Installed();
        Accountant.SkipWithoutOne();
        var input = SmallDataSet.Write(Path.Combine(folder, "in"), Training, Held);
        var pipeline = ClusterPipelines.Whole(folder);
        await using var broker = await BrokerServer.StartAsync(installed);
        await using var site = await ClusterSite.CreateAsync(broker, folder);
        await using var chaos = new Chaos(site, broker, disk, freeze, seed: 4);
        chaos.StartHosts();

        for (var seed = 0; chaos.Count < faults; seed++)
        {
            var whole = Path.Combine(folder, $"whole-{seed}");
            string[] more = ["--seed", seed.ToString(CultureInfo.InvariantCulture)];
            var (code, printed) = await ProgramRun.StartAsync(ProgramRun.Arguments(pipeline, input, whole, more));
            code.Should().Be(0, printed);
            var run = await site.SubmitAsync(pipeline, input, more);
            await chaos.WatchAsync(run);
            while (site.State(run) != "done" && chaos.Count < faults)
            {
                await chaos.NextAsync(run);
            }

            await chaos.EndAsync();
            output.WriteLine($"run {seed}: {chaos.Count} faults so far: {chaos.Account}");
            await site.UntilProgressAsync(run, Recovery);
            await site.UntilDoneAsync(run, Limit);
            await site.UntilRemovedAsync(run, Recovery);

            (await Accountant.CheckAsync(site.Output(run), Samples)).Should().ContainSingle();
            ProgramRun.Differences(site.Output(run), whole).Should().BeEmpty();
        }
    }
}

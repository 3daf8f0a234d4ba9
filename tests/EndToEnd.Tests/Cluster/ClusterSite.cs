using System.Diagnostics;
using System.Text.Json;
using Pipeline.Tests.Broker;

namespace Pipeline.EndToEnd.Tests.Cluster;

/// <summary>A store and a virtual host of a test's own, with the program's commands on them.</summary>
internal sealed class ClusterSite : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);
    private readonly List<RunningProgram> hosts = [];
    private readonly BrokerServer broker;
    private readonly string name;

    private ClusterSite(BrokerServer broker, string folder)
    {
        this.broker = broker;
        name = Path.GetFileName(folder);
        Store = Path.Combine(folder, "store");
    }

    /// <summary>The folder that the hosts share.</summary>
    public string Store { get; }

    /// <summary>All that hosts have printed, for the message of a failed test.</summary>
    public string Printed => string.Join("\n--- next host ---\n", hosts.Select(host => host.Output));

    private string Address => $"{broker.Address.GetLeftPart(UriPartial.Authority)}/{name}";

    /// <summary>Makes one.</summary>
    /// <param name="broker">May be shared with others.</param>
    /// <param name="folder">The test's own folder; its name becomes that of the virtual host.</param>
    public static async Task<ClusterSite> CreateAsync(BrokerServer broker, string folder)
    {
        var site = new ClusterSite(broker, folder);
        await site.AddVirtualHostAsync();
        return site;
    }

    /// <summary>Makes its virtual host anew, after the broker lost it.</summary>
    public Task AddVirtualHostAsync() => broker.Management.AddVirtualHostAsync(name);

    /// <summary>Starts a host, which serves all stages unless <paramref name="more"/> says otherwise.</summary>
    public RunningProgram StartHost(params string[] more)
    {
        var host = RunningProgram.Start(["host", "--broker", Address, "--store", Store, .. more]);
        hosts.Add(host);
        return host;
    }

    /// <summary>Submits a run; gives its id.</summary>
    public async Task<string> SubmitAsync(string pipeline, string input, params string[] more)
    {
        var (code, printed) = await ProgramRun.StartAsync([
            "submit",
            pipeline,
            "--input",
            input,
            "--broker",
            Address,
            "--store",
            Store,
            .. more,
        ]);
        code.Should().Be(0, printed);
        return printed.TrimEnd().Split('\n')[^1].Trim();
    }

    /// <summary>Runs <c>pause</c>, <c>resume</c> or <c>cancel</c>, which must go well.</summary>
    public async Task ControlAsync(string command, string run)
    {
        var (code, printed) = await ProgramRun.StartAsync([command, run, "--broker", Address, "--store", Store]);
        code.Should().Be(0, printed);
    }

    /// <summary>The run's directory.</summary>
    public string Output(string run) => Path.Combine(Store, run);

    /// <summary>Shards of a stage that are there.</summary>
    public int Shards(string run, string stage)
    {
        var folder = Path.Combine(Output(run), "runs", run, stage);
        return Directory.Exists(folder) ? Directory.GetFiles(folder, "*.parquet").Count(path => Path.GetFileName(path)[0] != '.') : 0;
    }

    /// <summary>Shards of all stages that are there.</summary>
    public int AllShards(string run) =>
        Directory.GetFiles(Path.Combine(Output(run), "runs", run), "*.parquet", SearchOption.AllDirectories).Length;

    /// <summary>Where the descriptions lie.</summary>
    public string Domains(string run) => Path.Combine(Output(run), "runs", run, "describe", "domains.json");

    /// <summary>What <c>run.json</c> says.</summary>
    public string? State(string run)
    {
        try
        {
            using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(Output(run), "run.json")));
            return file.RootElement.GetProperty("state").GetString();
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Waits until <paramref name="condition"/> holds, up to <paramref name="limit"/>; what hosts printed is told when it does not.</summary>
    public async Task UntilAsync(string what, Func<bool> condition, TimeSpan limit)
    {
        var watch = Stopwatch.StartNew();
        using var tick = new PeriodicTimer(Tick);
        while (!condition())
        {
            (watch.Elapsed < limit).Should().BeTrue($"{what} was wanted within {limit.TotalSeconds} s; hosts printed:\n{Printed}");
            await tick.WaitForNextTickAsync();
        }
    }

    /// <summary>Waits until a run is done.</summary>
    public Task UntilDoneAsync(string run, TimeSpan limit) =>
        UntilAsync($"{run} done", () => State(run) is { } state && (state == "done" || Failed(run, state)), limit);

    /// <summary>Waits until a run goes on: more of its files are there than before, or it is done.</summary>
    public async Task UntilProgressAsync(string run, TimeSpan limit)
    {
        var before = Directory.GetFiles(Output(run), "*", SearchOption.AllDirectories).Length;
        await UntilAsync(
            $"progress of {run}",
            () => State(run) == "done" || Directory.GetFiles(Output(run), "*", SearchOption.AllDirectories).Length > before,
            limit
        );
    }

    /// <summary>Waits until nothing of the run is left in the broker, and no queue holds a message.</summary>
    public async Task UntilRemovedAsync(string run, TimeSpan limit)
    {
        var watch = Stopwatch.StartNew();
        using var tick = new PeriodicTimer(Tick);
        while (true)
        {
            var left = (await broker.Management.QueuesAsync(name))
                .Where(queue => queue.Messages > 0 || queue.Name.Contains(run, StringComparison.Ordinal))
                .Select(queue => $"{queue.Name} with {queue.Messages}")
                .Concat(
                    (await broker.Management.ExchangesAsync(name))
                        .Select(exchange => exchange.Name)
                        .Where(exchange => exchange.Contains(run, StringComparison.Ordinal))
                )
                .ToList();
            if (left.Count == 0)
            {
                return;
            }

            (watch.Elapsed < limit).Should().BeTrue($"nothing of {run} may be left in the broker; there is {string.Join(", ", left)}");
            await tick.WaitForNextTickAsync();
        }
    }

    /// <summary>The virtual host.</summary>
    public string VirtualHost => name;

    public async ValueTask DisposeAsync()
    {
        foreach (var host in hosts)
        {
            await host.DisposeAsync();
        }
    }

    private bool Failed(string run, string state) =>
        state == "failed"
            ? throw new InvalidOperationException(
                $"{File.ReadAllText(Path.Combine(Output(run), "run.json"))}{ProgramRun.Failures(Output(run))}\n{Printed}"
            )
            : false;
}

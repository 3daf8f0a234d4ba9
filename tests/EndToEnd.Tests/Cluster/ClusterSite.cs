using System.Diagnostics;
using System.Text.Json;
using Pipeline.Tests.Broker;

namespace Pipeline.EndToEnd.Tests.Cluster;

/// <summary>A store of a test's own on a broker that may be shared, with the program's commands on them.</summary>
/// <param name="broker">May be shared: what is declared there is named by the run.</param>
/// <param name="folder">The test's own folder.</param>
internal sealed class ClusterSite(BrokerServer broker, string folder) : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);
    private readonly List<RunningProgram> hosts = [];

    /// <summary>The folder that the hosts share.</summary>
    public string Store { get; } = Path.Combine(folder, "store");

    /// <summary>A file that names what fails on hosts that are started from now on; null for nothing.</summary>
    public string? Faults { get; set; }

    /// <summary>All that hosts have printed, for the message of a failed test.</summary>
    public string Printed => string.Join("\n--- next host ---\n", hosts.Select(host => host.Output));

    private string Address => broker.Address.GetLeftPart(UriPartial.Authority);

    /// <summary>Starts a host, which serves all stages unless <paramref name="more"/> says otherwise.</summary>
    public RunningProgram StartHost(params string[] more) => StartCrashingHost(null, more);

    /// <summary>Starts a host that ends when it comes to a named point.</summary>
    public RunningProgram StartCrashingHost(string? crashAt, params string[] more)
    {
        var host = RunningProgram.Start(["host", "--broker", Address, "--store", Store, .. more], crashAt, Faults);
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
    public async Task ControlAsync(string command, string run, params string[] more)
    {
        var (code, printed) = await ProgramRun.StartAsync([command, run, "--broker", Address, "--store", Store, .. more]);
        code.Should().Be(0, printed);
    }

    /// <summary>Runs any command on this store and broker, which must go well.</summary>
    public async Task<string> CommandAsync(params IReadOnlyList<string> command)
    {
        var (code, printed) = await ProgramRun.StartAsync([.. command, "--broker", Address, "--store", Store]);
        code.Should().Be(0, $"{printed}\n{Printed}");
        return printed;
    }

    /// <summary>The run's directory.</summary>
    public string Output(string run) => Path.Combine(Store, run);

    /// <summary>Shards of a stage that are there.</summary>
    public int Shards(string run, string stage)
    {
        var shards = Path.Combine(Output(run), "runs", run, stage);
        return Directory.Exists(shards) ? Directory.GetFiles(shards, "*.parquet").Count(path => Path.GetFileName(path)[0] != '.') : 0;
    }

    /// <summary>Batches that are failed now, of all stages.</summary>
    public int Failed(string run) =>
        Directory.Exists(Output(run)) ? Directory.GetFiles(Output(run), "*.failed.json", SearchOption.AllDirectories).Length : 0;

    /// <summary>Ids of the groups of failures.</summary>
    public async Task<IReadOnlyList<string>> GroupsAsync(string run)
    {
        var (code, printed) = await ProgramRun.StartAsync(["failed", run, "--store", Store, "--json"]);
        code.Should().Be(0, printed);
        using var groups = JsonDocument.Parse(printed);
        return [.. groups.RootElement.EnumerateArray().Select(group => group.GetProperty("group").GetString() ?? "")];
    }

    /// <summary>Shards of all stages that are there.</summary>
    public int AllShards(string run) =>
        Directory.GetFiles(Path.Combine(Output(run), "runs", run), "*.parquet", SearchOption.AllDirectories).Length;

    /// <summary>Whether the books of the host that leads say that a stage waits for an artifact; null until they say anything.</summary>
    public bool? IsWaiting(string run, string stage)
    {
        var file = Path.Combine(Store, "progress", $"{run}.json");
        if (!File.Exists(file))
        {
            return null;
        }

        using var told = JsonDocument.Parse(File.ReadAllText(file));
        return told
            .RootElement.GetProperty("progress")
            .GetProperty("stages")
            .EnumerateArray()
            .Single(other => other.GetProperty("stage").GetString() == stage)
            .GetProperty("state")
            .GetString()
            ?.StartsWith("waiting", StringComparison.Ordinal);
    }

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
            (watch.Elapsed < limit)
                .Should()
                .BeTrue(
                    $"{what} was wanted within {limit.TotalSeconds} s; hosts printed:\n{Printed}\n{(watch.Elapsed < limit ? "" : await StateAsync())}"
                );
            await tick.WaitForNextTickAsync();
        }
    }

    /// <summary>What broker and store hold, for the message of a failed test.</summary>
    private async Task<string> StateAsync()
    {
        var queues = (await broker.Management.QueuesAsync()).Select(queue => queue.ToString());
        var connections = (await broker.Management.ConnectionsAsync()).Select(connection => connection.ToString());
        var progress = Directory.Exists(Path.Combine(Store, "progress"))
            ? Directory.GetFiles(Path.Combine(Store, "progress")).Select(File.ReadAllText)
            : [];
        return string.Join('\n', [.. queues, .. connections, .. progress]);
    }

    /// <summary>Waits until a run is done.</summary>
    public Task UntilDoneAsync(string run, TimeSpan limit) => UntilAsync($"{run} done", () => IsDone(run), limit);

    /// <summary>Whether a run is done.</summary>
    /// <exception cref="InvalidOperationException">It failed; says why and what hosts printed.</exception>
    public bool IsDone(string run) =>
        State(run) switch
        {
            "done" => true,
            "failed" => throw new InvalidOperationException(
                $"{File.ReadAllText(Path.Combine(Output(run), "run.json"))}{ProgramRun.Failures(Output(run))}\n{Printed}"
            ),
            _ => false,
        };

    /// <summary>Waits until a run goes on: more of its files are there than before, or it is done.</summary>
    public async Task UntilProgressAsync(string run, TimeSpan limit)
    {
        var before = Directory.GetFiles(Output(run), "*", SearchOption.AllDirectories).Length;
        await UntilAsync(
            $"progress of {run}",
            () => IsDone(run) || Directory.GetFiles(Output(run), "*", SearchOption.AllDirectories).Length > before,
            limit
        );
    }

    /// <summary>Waits until nothing of the run is left in the broker.</summary>
    public async Task UntilRemovedAsync(string run, TimeSpan limit)
    {
        var watch = Stopwatch.StartNew();
        using var tick = new PeriodicTimer(Tick);
        while (true)
        {
            var left = (await broker.Management.QueuesAsync())
                .Where(queue => queue.Name.Contains(run, StringComparison.Ordinal))
                .Select(queue => $"{queue.Name} with {queue.Messages}")
                .Concat(
                    (await broker.Management.ExchangesAsync())
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

    public async ValueTask DisposeAsync()
    {
        foreach (var host in hosts)
        {
            await host.DisposeAsync();
        }
    }
}

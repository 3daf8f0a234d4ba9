using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Cluster;
using Pipeline.Stages.Tests.Ingest;
using Pipeline.Stages.Transport;
using Pipeline.Stages.Transport.Embedded;

namespace Pipeline.Stages.Tests.Runs.Cluster;

/// <summary>Hosts in this process that share a store and a transport in memory.</summary>
internal sealed class ClusterFixture : IAsyncDisposable
{
    /// <summary>Far above what such runs need; a test that reaches it has failed.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private const string Pipeline = """
        pipeline: small
        stages:
          ingest: { batch: 2 }
          caption: { after: ingest }
          describe: { after: caption }
          edit: { after: caption }
          filter: { after: edit }
          select: { after: filter }
          export: { after: select }
          train: { after: [ingest, select], recipe: small, seeds: 1, epochs: 1, imageSize: 32 }
        """;

    private readonly List<(CancellationTokenSource Stop, Task Host)> hosts = [];
    private readonly string folder = Directory.CreateTempSubdirectory("cluster-").FullName;

    public ClusterFixture(int samples)
    {
        for (var index = 0; index < samples; index++)
        {
            Input.With($"{(index % 2 == 0 ? "a" : "b")}/{index:D4}.png", InputFolder.Png(16, 16, (byte)(index * 7)));
        }

        File.WriteAllText(PipelinePath, Pipeline);
        Store = new ClusterStore(Path.Combine(folder, "store"));
    }

    public InputFolder Input { get; } = new();

    public ClusterStore Store { get; }

    public EmbeddedTransport Transport { get; } = new();

    public RunSubmitter Submitter => new(Store, Transport);

    /// <summary>What the hosts said, in order.</summary>
    public List<string> Said { get; } = [];

    private string PipelinePath => Path.Combine(folder, "small.yaml");

    public RunSettings Settings(params string[] sets) =>
        new()
        {
            Pipeline = PipelinePath,
            Input = Input.Path,
            Output = Path.Combine(folder, "embedded"),
            Sets = sets,
        };

    public Task<Submission> SubmitAsync(params string[] sets) =>
        Submitter.SubmitAsync(Settings(sets), RunSubmitter.DefaultPriority, CancellationToken.None);

    /// <summary>Starts a host; the returned call stops it and waits until it has drained.</summary>
    public Func<Task> Host(string name, params string[] stages)
    {
        var settings = new HostSettings { Name = name, Stages = stages.Length == 0 ? null : new HashSet<string>(stages) };
        var stop = new CancellationTokenSource();
        var host = new PipelineHost(settings, Store, Transport, text => Say($"{name}: {text}"), TimeProvider.System);
        var running = Task.Run(() => host.RunAsync(stop.Token));
        hosts.Add((stop, running));
        return async () =>
        {
            await stop.CancelAsync();
            await running.WaitAsync(Limit);
        };
    }

    public Task<SessionEnd> EndAsync(Submission submission, IRunMonitor? monitor = null) =>
        RunWatch.EndAsync(Store, submission, monitor ?? new Unwatched(), TimeProvider.System, CancellationToken.None).WaitAsync(Limit);

    /// <summary>Every file of a run that its inputs determine, by name, as the same run in one process wrote it.</summary>
    public async Task<Dictionary<string, string>> EmbeddedFilesAsync()
    {
        var end = await RunSession.RunAsync(Settings(), new Unwatched(), TimeProvider.System, CancellationToken.None);
        end.Fault.Should().BeNull();
        return Files(Settings().Output);
    }

    public static Dictionary<string, string> Files(string output) =>
        new DirectoryInfo(output)
            .EnumerateFiles("*", SearchOption.AllDirectories)
            .Where(file =>
                !file.Name.EndsWith(".log.json", StringComparison.Ordinal)
                && !file.Name.StartsWith("ledger.db", StringComparison.Ordinal)
                && file.Name is not ("run.json" or ".lock" or "index")
            )
            .ToDictionary(
                file => Path.GetRelativePath(output, file.FullName),
                file => Convert.ToHexString(System.IO.Hashing.XxHash128.Hash(File.ReadAllBytes(file.FullName)))
            );

    public async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var looks = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await condition())
        {
            await looks.WaitForNextTickAsync(limit.Token);
        }
    }

    public bool HasSaid(string text)
    {
        lock (Said)
        {
            return Said.Exists(line => line.Contains(text, StringComparison.Ordinal));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (stop, host) in hosts)
        {
            await stop.CancelAsync();
            await host.WaitAsync(Limit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stop.Dispose();
        }

        await Transport.DisposeAsync();
        Input.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private void Say(string text)
    {
        lock (Said)
        {
            Said.Add(text);
        }
    }

    private sealed class Unwatched : IRunMonitor
    {
        public void Report(RunProgress progress) { }
    }
}

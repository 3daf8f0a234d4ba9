using Pipeline.Messages;
using Pipeline.Sdk;
using Pipeline.Shards;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Ingest;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Topology;
using Pipeline.Stages.Transport;
using Pipeline.Stages.Transport.Embedded;

namespace Pipeline.Stages.Tests.Runs.Topology;

public sealed record EndingOptions : IStageOptions
{
    public string Ending { get; init; } = "";

    public IEnumerable<string> Faults(string stage) => [];
}

/// <summary>Gives each sample a word with an ending, and waits for a word of the test's before it does some.</summary>
internal sealed class EndingKind(string name) : RowStageKind<EndingOptions, WordInput, string, string, WordRow>
{
    private readonly TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int calls;

    /// <summary>Of which samples the work waits until <see cref="Release"/>.</summary>
    public Func<string, bool> Holds { get; init; } = static _ => false;

    public int Calls => Volatile.Read(ref calls);

    public override string Name => name;

    public override int Version => 1;

    public void Release() => released.TrySetResult();

    protected override (IStage<WordInput, string, string, WordRow> Stage, FlowOptions Flow) Build(EndingOptions options, StageSite site) =>
        (new Stage(this, options), new FlowOptions(1, 2, 8, 8));

    private sealed class Stage(EndingKind kind, EndingOptions options) : IStage<WordInput, string, string, WordRow>
    {
        public IReadOnlyList<Item<string>> Prepare(WordInput row) => [new(row.SampleId, null, row.Uri)];

        public async ValueTask<IReadOnlyList<string>> InferAsync(IReadOnlyList<Item<string>> items, CancellationToken stop)
        {
            Interlocked.Increment(ref kind.calls);
            if (items.Any(item => kind.Holds(item.Value)))
            {
                await kind.released.Task.WaitAsync(stop);
            }

            return [.. items.Select(item => item.Value + options.Ending)];
        }

        public WordRow Finish(Item<string> item, string result) => new(item.SampleId, result);
    }
}

/// <summary>A run in this process whose topology a test changes while it goes on: a sample a batch.</summary>
internal sealed class LiveRun : IAsyncDisposable
{
    public const string Chain = "pipeline: p\nstages: { ingest: { batch: 1, unfinished: 64 }, first: {}, second: {}, sum: {} }";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly ServedRun run;
    private readonly StageCatalog catalog;
    private readonly TopologyStore versions;
    private readonly List<int> summed = [];
    private LiveTopology? topology;
    private ITransport? transport;
    private Task<RunEnd> serving = Task.FromResult(new RunEnd(0, null));

    public LiveRun(int samples, params IReadOnlyList<IStageKind> kinds)
    {
        run = new ServedRun(samples);
        Sum = new SumKind(async site =>
        {
            summed.Add((await Shards.BatchesAsync("second", CancellationToken.None)).Count);
            return new WholeResult(1, []);
        });
        catalog = new StageCatalog([new IngestKind(), Sum, .. kinds]);
        versions = new TopologyStore(run.Store, () => catalog);
    }

    public SumKind Sum { get; }

    public RunShards Shards => run.Shards;

    /// <summary>Begins to serve a pipeline.</summary>
    public async Task StartAsync(string yaml = Chain)
    {
        var pipeline = Read(yaml);
        await versions.BeginAsync(pipeline, CancellationToken.None);
        serving = Task.Run(ServeAsync);
    }

    /// <summary>Changes the run to another pipeline, and returns when the process knows it.</summary>
    public async Task ChangeAsync(TopologyFrom from, string yaml, params string[] paused)
    {
        var change = new TopologyChange(versions, ServedRun.Id);
        var wanted = new WantedChange("change it", from, _ => (Read(yaml), paused));
        var version = await change.ReserveAsync(wanted, "test", TimeProvider.System, CancellationToken.None);
        await UntilAsync(() => Task.FromResult(Volatile.Read(ref topology)?.Current.Newest == version.Version));
    }

    /// <summary>Returns when nobody consumes a stage's queue.</summary>
    public Task UntilUnservedAsync(string stage) =>
        UntilAsync(async () =>
            await Volatile.Read(ref transport)!.ConsumersAsync(RoutingKey.Queue(ServedRun.Id, stage), CancellationToken.None) == 0
        );

    /// <summary>How the run ended; it must end well.</summary>
    public async Task EndAsync()
    {
        var end = await serving.WaitAsync(Limit);
        end.Fault.Should().BeNull();
    }

    public async Task<IReadOnlyList<int>> BatchesAsync(string stage) => await Shards.BatchesAsync(stage, CancellationToken.None);

    public Task<IReadOnlyList<string>> WordsAsync(string stage) => run.WordsAsync(stage);

    /// <summary>The stages whose shards a batch of a stage was made from.</summary>
    public async Task<IEnumerable<string>> ParentsAsync(string stage, int batch) =>
        (await ShardFile.ReadFooterAsync(run.Store, ShardNames.Uri(ServedRun.Id, stage, batch)))!.Parents.Select(parent => parent.Stage);

    /// <summary>The version under which a batch left a stage.</summary>
    public async Task<int> VersionAsync(string stage, int batch) =>
        (await WorkLog.FindAsync(run.Store, $"runs/{ServedRun.Id}/{stage}/{batch:D8}{WorkLog.Ending}", CancellationToken.None))!.Version;

    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var looks = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await condition())
        {
            await looks.WaitForNextTickAsync(limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ((Task)serving).WaitAsync(Limit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        run.Dispose();
    }

    public PipelineDefinition Read(string yaml) => PipelineFile.Read(yaml, "test", catalog, []);

    /// <summary>As a process does: until nothing that came late is left.</summary>
    private async Task<RunEnd> ServeAsync()
    {
        await using var embedded = new EmbeddedTransport();
        Volatile.Write(ref transport, embedded);
        var history = await versions.ReadAsync(CancellationToken.None);
        await RunTopology.DeclareAsync(embedded, ServedRun.Id, history, CancellationToken.None);
        using var ledger = new Ledger(Path.Combine(run.Output, "ledger.db"));
        var live = new LiveTopology(history, new TopologyChange(versions, ServedRun.Id).AdoptAsync(embedded));
        Volatile.Write(ref topology, live);
        while (true)
        {
            var site = run.Site(history.All, embedded, new BatchCredits(64)) with { Topology = live };
            using var engine = new RunEngine(site, ledger, new Unwatched(), 5);
            using var limit = new CancellationTokenSource(Limit);
            var end = await engine.RunAsync(limit.Token);
            if (!end.IsStale)
            {
                return end;
            }
        }
    }

    private sealed class Unwatched : IRunMonitor
    {
        public void Report(RunProgress progress) { }
    }
}

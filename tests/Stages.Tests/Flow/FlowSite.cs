using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Pipeline.Messages;
using Pipeline.Shards;
using Pipeline.Shards.Records;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Topology;
using Pipeline.Stages.Tests.Runs.Definition;
using Pipeline.Stages.Tests.Transport;
using Pipeline.Stages.Transport;
using Pipeline.Stages.Transport.Embedded;

namespace Pipeline.Stages.Tests.Flow;

/// <summary>A run of two stages in a temporary folder: <c>source</c>, whose batches the test publishes, and <c>shout</c>, whose graph is tested.</summary>
internal sealed class FlowSite : IAsyncDisposable
{
    public const string Run = "r";
    public const string Stage = "shout";
    public const string Queue = "run.r.shout";
    public const string FailedQueue = "run.r.failed";
    private const string OutcomeQueue = "outcomes";

    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    private readonly string folder = Directory.CreateTempSubdirectory("flow-").FullName;
    private readonly EmbeddedTransport transport = new(clock: new NoPauses());
    private readonly BatchCredits credits = new(1);
    private Deliveries? outcomes;

    private FlowSite() => Store = new FolderStore(folder, (point, uri) => AtWrite(point, uri));

    public FolderStore Store { get; }

    public StageMeter Meter { get; } = new();

    public ConcurrentQueue<string> Points { get; } = [];

    public ConcurrentQueue<string?> Notices { get; } = [];

    /// <summary>Called at each point of a write to the store; may throw.</summary>
    public Action<StorePoint, string> AtWrite { get; set; } = (_, _) => { };

    public ITransport Transport => transport;

    public static async Task<FlowSite> OpenAsync()
    {
        var site = new FlowSite();
        await site.transport.DeclareExchangeAsync("run.r", CancellationToken.None);
        await site.transport.DeclareQueueAsync(Queue, FailedQueue, QueueForm.Shared, CancellationToken.None);
        await site.transport.DeclareQueueAsync(OutcomeQueue, "outcomes.failed", QueueForm.Shared, CancellationToken.None);
        await site.transport.BindAsync("run.r", Queue, "*.source", CancellationToken.None);
        await site.transport.BindAsync("run.r", OutcomeQueue, "*.shout", CancellationToken.None);
        await site.transport.BindAsync("run.r", OutcomeQueue, "event.#", CancellationToken.None);
        site.outcomes = await Deliveries.OfAsync(site.transport, OutcomeQueue);
        return site;
    }

    public FlowContext Context(string fingerprint = "0f", long seed = 7) =>
        new()
        {
            Run = Run,
            Stage = Stage,
            Seed = seed,
            Fingerprint = fingerprint,
            Store = new PausingStore(Store, Notices.Enqueue, new NoPauses()),
            Transport = transport,
            Meter = Meter,
            Clock = new NoPauses(),
            At = Points.Enqueue,
            Notice = Notices.Enqueue,
        };

    public Task<RunningGraph> StartAsync(Shout stage, FlowOptions? options = null, FlowContext? context = null) =>
        RunningGraph.StartAsync(
            stage,
            context ?? Context(),
            options ?? new FlowOptions(MicroBatch: 4, Workers: 2, Lanes: 1, Prefetch: 4),
            transport
        );

    /// <summary>What serves the stage in a run; not yet started.</summary>
    public IStageRunner Runner(Shout stage, FlowOptions options, TimeProvider? clock = null)
    {
        var definition = new StageDefinition(Stage, new ShoutKind(stage, options), ["source"], new NoOptions());
        return ((IRunnableKind)definition.Kind).Create(new StageSite(RunSite(definition, clock ?? new NoPauses()), definition, Meter));
    }

    private RunSite RunSite(StageDefinition stage, TimeProvider clock) =>
        new()
        {
            Run = Run,
            Seed = 7,
            Topology = new LiveTopology(new PipelineDefinition("p", [stage])),
            Input = folder,
            InputRoot = folder,
            ClassNames = [],
            Output = folder,
            Store = Store,
            Transport = transport,
            Credits = credits,
            Clock = clock,
            Notice = Notices.Enqueue,
        };

    /// <summary>Writes a shard of <c>source</c>, a sample a word, and publishes that it is ready.</summary>
    public async Task<BatchReady> PublishAsync(int batch, params string[] words)
    {
        var message = await WriteAsync(batch, [.. words.Select((word, row) => new WordRow($"{batch}-{row}", word))]);
        await PublishAsync(message);
        return message;
    }

    public async Task<BatchReady> WriteAsync(int batch, IReadOnlyList<WordRow> rows)
    {
        var uri = ShardNames.Uri(Run, "source", batch);
        var footer = new ShardFooter
        {
            Stage = "source",
            Batch = batch,
            Fingerprint = "00",
        };
        var stamp = await ShardFile.WriteAsync(Store, uri, ShardRows.ToTable(rows), footer);
        return new BatchReady
        {
            Run = Run,
            Version = 1,
            Stage = "source",
            Batch = batch,
            Shards = [new ShardReference("source", uri, stamp.Content, rows.Count)],
            RowsIn = rows.Count,
        };
    }

    public async Task PublishAsync(BatchReady message) =>
        await transport.PublishAsync("run.r", "1.source", Envelope.Of(message), CancellationToken.None);

    /// <summary>The next outcome, which must be of this type.</summary>
    public async Task<T> NextAsync<T>()
        where T : class
    {
        var message = await NextAsync();
        return message.Type == typeof(T).Name
            ? message.Read<T>()
            : throw new InvalidDataException($"The outcome is {Encoding.UTF8.GetString(message.Body.Span)}; it must be {typeof(T).Name}.");
    }

    /// <summary>The next outcome, whatever it is.</summary>
    public async Task<Envelope> NextAsync()
    {
        var delivery = await (outcomes ?? throw new InvalidOperationException("The site is not open.")).NextAsync();
        await delivery.AcknowledgeAsync();
        return delivery.Message;
    }

    /// <summary>The next outcomes of so many batches, all ready, by batch.</summary>
    public async Task<BatchReady[]> ReadyAsync(int count)
    {
        var ready = new List<BatchReady>();
        while (ready.Count < count)
        {
            ready.Add(await NextAsync<BatchReady>());
        }

        return [.. ready.OrderBy(message => message.Batch)];
    }

    public int OutcomesWaiting => outcomes?.Waiting ?? 0;

    public Task<QueueDepth> DepthAsync(int ready, int unsettled) => Deliveries.DepthAsync(transport, Queue, ready, unsettled);

    public async Task<string[]> TextsAsync(int batch) => [.. (await RowsAsync(batch)).Select(row => row.Text)];

    public Task<IReadOnlyList<ShoutedRow>> RowsAsync(int batch) =>
        ShardRows.ReadAsync<ShoutedRow>(Store, ShardNames.Uri(Run, Stage, batch));

    public async Task<ShardFooter> FooterAsync(int batch) =>
        await ShardFile.ReadFooterAsync(Store, ShardNames.Uri(Run, Stage, batch)) ?? throw new FileNotFoundException($"batch {batch}");

    public string PathOf(string uri) => Path.Combine(folder, uri);

    public string Shard(int batch) => PathOf(ShardNames.Uri(Run, Stage, batch));

    public string FailedFile(int batch) => PathOf($"runs/r/shout/{batch:D8}.failed.json");

    public string QuarantineFile(int batch) => PathOf($"quarantine/shout/{batch:D8}.json");

    public QuarantineRow[] Quarantine(int batch) =>
        File.Exists(QuarantineFile(batch))
            ? JsonSerializer.Deserialize<QuarantineRow[]>(File.ReadAllBytes(QuarantineFile(batch)), Web) ?? []
            : [];

    public FailureRecord Failure(int batch) =>
        JsonSerializer.Deserialize<FailureRecord>(File.ReadAllBytes(FailedFile(batch)), Web)
        ?? throw new InvalidDataException($"batch {batch}");

    public async ValueTask DisposeAsync()
    {
        if (outcomes is not null)
        {
            await outcomes.DisposeAsync();
        }

        await transport.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}

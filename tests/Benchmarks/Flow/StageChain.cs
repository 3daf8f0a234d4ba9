using System.Diagnostics;
using System.Globalization;
using System.Text;
using Pipeline.Messages;
using Pipeline.Sdk;
using Pipeline.Shards;
using Pipeline.Shards.Records;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Isolation;
using Pipeline.Stages.Transport;

namespace Pipeline.Benchmarks.Flow;

/// <summary>A source and row stages after one another, as a run has them: graph, transport, store, and a consumer that follows every message.</summary>
/// <param name="transport">Carries the messages; the caller disposes it.</param>
/// <param name="store">Holds the source's shards and takes those of the stages.</param>
/// <param name="run">The run's id, under which no other run is on the transport.</param>
internal sealed class StageChain(ITransport transport, IShardStore store, string run) : IAsyncDisposable
{
    public const int BatchRows = 64;
    public const string Source = "source";
    private const int KeeperPrefetch = 64;

    private readonly List<IAsyncDisposable> parts = [];
    private readonly HashSet<string> queues = new(StringComparer.Ordinal);
    private bool driven;

    private string Failed => RoutingKey.Queue(run, "failed");

    /// <summary>Writes the source's shards, <see cref="BatchRows"/> rows each; gives the messages that tell of them.</summary>
    public static async Task<BatchReady[]> WriteSourceAsync<TRow>(IShardStore store, string run, IEnumerable<TRow> rows)
        where TRow : class
    {
        var messages = new List<BatchReady>();
        foreach (var batch in rows.Chunk(BatchRows))
        {
            var footer = Footer(Source, messages.Count);
            var stamp = await ShardFile.WriteAsync(store, ShardNames.Uri(run, Source, messages.Count), ShardRows.ToTable(batch), footer);
            messages.Add(
                new BatchReady
                {
                    Run = run,
                    Version = 1,
                    Stage = Source,
                    Batch = messages.Count,
                    Shards = [new ShardReference(Source, stamp.Uri, stamp.Content, batch.Length)],
                    RowsIn = batch.Length,
                }
            );
        }

        return [.. messages];
    }

    /// <summary>What a shard of the benchmarks says of itself.</summary>
    public static ShardFooter Footer(string stage, int batch) =>
        new()
        {
            Stage = stage,
            Batch = batch,
            Fingerprint = "00",
        };

    /// <summary>Takes up a stage behind another.</summary>
    public async Task ServeAsync<TIn, TItem, TResult, TOut>(
        string name,
        string before,
        IStage<TIn, TItem, TResult, TOut> stage,
        FlowOptions options
    )
        where TIn : class, ISampleRow
        where TOut : class
    {
        var graph = new StageGraph<TIn, TItem, TResult, TOut>(stage, Context(name), options);
        parts.Add(graph);
        parts.Add(await ConsumeAsync(name, $"*.{before}", options.Prefetch, graph.AcceptAsync));
    }

    /// <summary>Publishes the batches and returns when the last stage has told of each: the time that took.</summary>
    /// <exception cref="InvalidOperationException">A batch failed, or came with fewer rows than it had.</exception>
    public async Task<TimeSpan> DriveAsync(IReadOnlyList<BatchReady> messages, string last)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        driven = true;
        var left = messages.Select(message => message.Batch).ToHashSet();
        await using var keeper = await ConsumeAsync("keeper", "#", KeeperPrefetch, KeepAsync);
        var clock = Stopwatch.StartNew();
        foreach (var message in messages)
        {
            await transport.PublishAsync(
                RoutingKey.Exchange(run),
                RoutingKey.Batch(1, Source),
                Envelope.Of(message),
                CancellationToken.None
            );
        }

        await done.Task;
        return clock.Elapsed;

        async Task KeepAsync(IDelivery delivery)
        {
            var ready = delivery.Message.Type == nameof(BatchReady) ? delivery.Message.Read<BatchReady>() : null;
            await delivery.AcknowledgeAsync();
            if (ready is null || ready.Shards[^1].Rows != ready.Shards[0].Rows)
            {
                var found = Encoding.UTF8.GetString(delivery.Message.Body.Span);
                done.TrySetException(
                    new InvalidOperationException(
                        $"{delivery.RoutingKey} is {found}; it must be a batch with all its rows. Look at the store's room first."
                    )
                );
            }
            else if (ready.Stage == last && left.Remove(ready.Batch) && left.Count == 0)
            {
                done.TrySetResult();
            }
        }
    }

    /// <summary>Declares the queue of a stage behind another, or finds it declared.</summary>
    public async Task<string> DeclareAsync(string name, string pattern)
    {
        var (exchange, queue) = (RoutingKey.Exchange(run), RoutingKey.Queue(run, name));
        await transport.DeclareExchangeAsync(exchange, CancellationToken.None);
        await transport.DeclareQueueAsync(queue, Failed, QueueForm.Shared, CancellationToken.None);
        await transport.BindAsync(exchange, queue, pattern, CancellationToken.None);
        queues.Add(queue);
        return queue;
    }

    /// <summary>Stops the stages; deletes the exchange and all queues declared here, if the batches were published here too.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var part in parts)
        {
            await part.DisposeAsync();
        }

        foreach (var queue in driven ? queues.Append(Failed) : [])
        {
            await transport.DeleteQueueAsync(queue, CancellationToken.None);
        }

        if (driven)
        {
            await transport.DeleteExchangeAsync(RoutingKey.Exchange(run), CancellationToken.None);
        }
    }

    /// <summary>A stage's name in a chain, from 1.</summary>
    public static string Name(int stage) => string.Create(CultureInfo.InvariantCulture, $"stage{stage}");

    private async Task<IAsyncDisposable> ConsumeAsync(string name, string pattern, int prefetch, Func<IDelivery, Task> onDelivery) =>
        await transport.ConsumeAsync(await DeclareAsync(name, pattern), prefetch, onDelivery, CancellationToken.None);

    private FlowContext Context(string stage) =>
        new()
        {
            Run = run,
            Stage = stage,
            Seed = 0,
            Fingerprint = "00",
            Store = store,
            Transport = transport,
            Meter = new StageMeter(),
            Isolation = store is FolderStore folder ? Isolation(stage, folder) : null,
        };

    /// <summary>Marks every call, as a run does; nothing dies here, so no child is started.</summary>
    private StageIsolation Isolation(string stage, FolderStore folder) =>
        new(
            new IsolatedSite
            {
                Run = run,
                Seed = 0,
                Pipeline = "",
                Stage = stage,
                Fingerprint = "00",
                Input = "",
                InputRoot = "",
                ClassNames = [],
                Output = folder.Root,
                Artifacts = [],
            },
            new ChildProgram("/bin/false", []),
            store,
            TimeProvider.System,
            static _ => { }
        );
}

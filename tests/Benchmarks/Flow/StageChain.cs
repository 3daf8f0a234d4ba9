using System.Globalization;
using System.Text;
using Pipeline.Messages;
using Pipeline.Shards;
using Pipeline.Shards.Records;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Transport;
using Pipeline.Stages.Transport.Embedded;

namespace Pipeline.Benchmarks.Flow;

/// <summary>A source and row stages after one another, as a run has them: graph, transport, store, and a consumer that follows every message.</summary>
internal static class StageChain
{
    public const int BatchRows = 64;
    private const string Run = "bench";
    private const string Source = "source";

    /// <summary>Writes the source's shards; gives the messages that tell of them.</summary>
    public static async Task<BatchReady[]> PrepareAsync(FolderStore store, int batches)
    {
        var messages = new BatchReady[batches];
        for (var batch = 0; batch < batches; batch++)
        {
            var rows = new NumberRow[BatchRows];
            for (var row = 0; row < BatchRows; row++)
            {
                var number = ((long)batch * BatchRows) + row;
                rows[row] = new NumberRow(number.ToString("x32", CultureInfo.InvariantCulture), number);
            }

            var footer = new ShardFooter
            {
                Stage = Source,
                Batch = batch,
                Fingerprint = "00",
            };
            var stamp = await ShardFile.WriteAsync(store, ShardNames.Uri(Run, Source, batch), ShardRows.ToTable(rows), footer);
            messages[batch] = new BatchReady
            {
                Run = Run,
                Version = 1,
                Stage = Source,
                Batch = batch,
                Shards = [new ShardReference(Source, stamp.Uri, stamp.Content, BatchRows)],
                RowsIn = BatchRows,
            };
        }

        return messages;
    }

    /// <summary>Publishes the batches and returns when the last stage has told of each.</summary>
    /// <exception cref="InvalidOperationException">A batch failed, or came with other than all its rows.</exception>
    public static async Task RunAsync(IShardStore store, IReadOnlyList<BatchReady> messages, IReadOnlyList<NumberStage> stages)
    {
        await using var transport = new EmbeddedTransport();
        var exchange = RoutingKey.Exchange(Run);
        await transport.DeclareExchangeAsync(exchange, CancellationToken.None);
        var last = string.Create(CultureInfo.InvariantCulture, $"stage{stages.Count}");
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = messages.Count;
        var parts = new List<IAsyncDisposable> { await ConsumeAsync(transport, "keeper", "#", 64, KeepAsync) };
        try
        {
            var before = Source;
            for (var index = 0; index < stages.Count; index++)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"stage{index + 1}");
                var options = new FlowOptions(MicroBatch: BatchRows, Workers: 2, Lanes: 1, Prefetch: 4);
                var graph = new StageGraph<NumberInput, long, long, NumberRow>(stages[index], Context(name, store, transport), options);
                parts.Add(graph);
                parts.Add(await ConsumeAsync(transport, name, $"*.{before}", options.Prefetch, graph.AcceptAsync));
                before = name;
            }

            foreach (var message in messages)
            {
                await transport.PublishAsync(exchange, RoutingKey.Batch(1, Source), Envelope.Of(message), CancellationToken.None);
            }

            await done.Task;
        }
        finally
        {
            foreach (var part in parts)
            {
                await part.DisposeAsync();
            }
        }

        async Task KeepAsync(IDelivery delivery)
        {
            var ready = delivery.Message.Type == nameof(BatchReady) ? delivery.Message.Read<BatchReady>() : null;
            await delivery.AcknowledgeAsync();
            if (ready?.Shards[^1].Rows != BatchRows)
            {
                var found = Encoding.UTF8.GetString(delivery.Message.Body.Span);
                done.TrySetException(
                    new InvalidOperationException(
                        $"{delivery.RoutingKey} is {found}; it must be a batch of {BatchRows} rows. Look at the store's room first."
                    )
                );
            }
            else if (ready.Stage == last && --left == 0)
            {
                done.TrySetResult();
            }
        }
    }

    private static async Task<IAsyncDisposable> ConsumeAsync(
        EmbeddedTransport transport,
        string name,
        string pattern,
        int prefetch,
        Func<IDelivery, Task> onDelivery
    )
    {
        var queue = RoutingKey.Queue(Run, name);
        await transport.DeclareQueueAsync(queue, RoutingKey.Queue(Run, "failed"), QueueForm.Shared, CancellationToken.None);
        await transport.BindAsync(RoutingKey.Exchange(Run), queue, pattern, CancellationToken.None);
        return await transport.ConsumeAsync(queue, prefetch, onDelivery, CancellationToken.None);
    }

    private static FlowContext Context(string stage, IShardStore store, EmbeddedTransport transport) =>
        new()
        {
            Run = Run,
            Stage = stage,
            Seed = 0,
            Fingerprint = "00",
            Store = store,
            Transport = transport,
            Meter = new StageMeter(),
        };
}

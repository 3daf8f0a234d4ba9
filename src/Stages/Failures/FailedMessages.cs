using System.Collections.Concurrent;
using Pipeline.Messages;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Failures;

/// <summary>The failed queue of a run that is being served: its messages go to their stages again, each published and confirmed before it is taken off.</summary>
/// <param name="transport">What carries the messages.</param>
/// <param name="run">The run's id.</param>
/// <param name="pipeline">The run's pipeline.</param>
public sealed class FailedMessages(ITransport transport, string run, PipelineDefinition pipeline)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    private IConsumer? consumer;

    /// <summary>Sends batches to their stages: the message from the queue if it is there, else one made from the record. All others stay in the queue.</summary>
    /// <param name="batches">Failed batches that are claimed.</param>
    /// <param name="moved">Told after each batch how many are on their way.</param>
    /// <param name="stop">Ends the call early; what was not confirmed stays in the queue.</param>
    public async Task MoveAsync(IReadOnlyList<FailedBatch> batches, Action<int> moved, CancellationToken stop)
    {
        var wanted = new ConcurrentDictionary<(string Stage, int Batch), FailedBatch>(
            batches.Select(batch => KeyValuePair.Create((batch.Record.Stage, batch.Record.Batch), batch))
        );
        try
        {
            await MoveAsync(wanted, moved, stop);
        }
        finally
        {
            await (consumer?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    private async Task MoveAsync(
        ConcurrentDictionary<(string Stage, int Batch), FailedBatch> wanted,
        Action<int> moved,
        CancellationToken stop
    )
    {
        var count = 0;
        var found = await TakeAsync(wanted, stop);
        await Parallel.ForEachAsync(
            found,
            new ParallelOptions { MaxDegreeOfParallelism = 256, CancellationToken = stop },
            async (one, token) =>
            {
                await SendAsync(one.Stage, one.Delivery.Message, token);
                await one.Delivery.AcknowledgeAsync();
                moved(Interlocked.Increment(ref count));
            }
        );
        foreach (var batch in wanted.Values)
        {
            if (batch.Record.Given is { } given)
            {
                await SendAsync(batch.Record.Stage, Envelope.Of(given), stop);
            }

            moved(++count);
        }
    }

    /// <summary>Takes what the queue holds and gives those deliveries that are wanted; they are no longer in <paramref name="wanted"/>.</summary>
    private async Task<IReadOnlyList<(string Stage, IDelivery Delivery)>> TakeAsync(
        ConcurrentDictionary<(string Stage, int Batch), FailedBatch> wanted,
        CancellationToken stop
    )
    {
        var queue = RunTopology.Failed(run);
        var depth = await transport.DepthAsync(queue, stop);
        if (depth.Ready == 0)
        {
            return [];
        }

        var followers = pipeline
            .Stages.SelectMany(stage => stage.After.Select(after => (After: after, stage.Name)))
            .ToLookup(pair => pair.After, pair => pair.Name, StringComparer.Ordinal);
        var found = new ConcurrentQueue<(string, IDelivery)>();
        var seen = 0;
        consumer = await transport.ConsumeAsync(queue, Math.Min(depth.Ready, ushort.MaxValue), Take, stop);
        while (Volatile.Read(ref seen) < Math.Min(depth.Ready, ushort.MaxValue) && (await transport.DepthAsync(queue, stop)).Ready > 0)
        {
            await Task.Delay(BetweenLooks, stop);
        }

        await consumer.StopAsync();
        return [.. found];

        Task Take(IDelivery delivery)
        {
            if (delivery.Message.Type == nameof(BatchReady))
            {
                var message = delivery.Message.Read<BatchReady>();
                var stage = followers[message.Stage].FirstOrDefault(name => wanted.TryRemove((name, message.Batch), out _));
                if (stage is not null)
                {
                    found.Enqueue((stage, delivery));
                }
            }

            Interlocked.Increment(ref seen);
            return Task.CompletedTask;
        }
    }

    private ValueTask SendAsync(string stage, Envelope message, CancellationToken stop) =>
        transport.PublishAsync(RoutingKey.Exchange(run), RoutingKey.Replay(stage), message, stop);
}

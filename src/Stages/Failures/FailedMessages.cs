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
    private const int AtOnce = 256;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    private readonly ILookup<string, string> followers = pipeline
        .Stages.SelectMany(stage => stage.After.Select(after => (After: after, stage.Name)))
        .ToLookup(pair => pair.After, pair => pair.Name, StringComparer.Ordinal);

    /// <summary>Sends batches to their stages: the message from the queue if it is there, else one made from the record. All others stay in the queue.</summary>
    /// <param name="batches">Failed batches that are claimed.</param>
    /// <param name="moved">Told after each batch how many are on their way.</param>
    /// <param name="stop">Ends the call early; what was not confirmed stays in the queue.</param>
    public async Task MoveAsync(IReadOnlyList<FailedBatch> batches, Action<int> moved, CancellationToken stop)
    {
        var count = 0;
        var wanted = new ConcurrentDictionary<(string Stage, int Batch), FailedBatch>(
            batches.Select(batch => KeyValuePair.Create((batch.Record.Stage, batch.Record.Batch), batch))
        );
        var sent = new ConcurrentDictionary<(string Stage, int Batch), bool>();
        // RabbitMQ 4.0 may give back what was acknowledged shortly before a channel closed: what was sent already is then only taken off.
        while (await TakeAsync(SettleAsync, stop) > 0) { }

        await Parallel.ForEachAsync(
            wanted.Values.Where(batch => batch.Record.Given is not null),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop },
            async (batch, token) =>
            {
                await SendAsync(batch.Record.Stage, Envelope.Of(batch.Record.Given ?? throw new InvalidOperationException()), token);
                moved(Interlocked.Increment(ref count));
            }
        );

        async Task<bool> SettleAsync(IDelivery delivery, CancellationToken token)
        {
            if (delivery.Message.Type != nameof(BatchReady))
            {
                return false;
            }

            var message = delivery.Message.Read<BatchReady>();
            foreach (var stage in followers[message.Stage])
            {
                if (wanted.TryRemove((stage, message.Batch), out _))
                {
                    await SendAsync(stage, delivery.Message, token);
                    sent[(stage, message.Batch)] = true;
                    await delivery.AcknowledgeAsync();
                    moved(Interlocked.Increment(ref count));
                    return true;
                }
            }

            if (followers[message.Stage].Any(stage => sent.ContainsKey((stage, message.Batch))))
            {
                await delivery.AcknowledgeAsync();
                return true;
            }

            return false;
        }
    }

    /// <summary>Lets <paramref name="settle"/> see what the queue holds now, many at a time; gives how many it settled. The others go back.</summary>
    private async Task<int> TakeAsync(Func<IDelivery, CancellationToken, Task<bool>> settle, CancellationToken stop)
    {
        var queue = RunTopology.Failed(run);
        var depth = Math.Min((await transport.DepthAsync(queue, stop)).Ready, ushort.MaxValue);
        if (depth == 0)
        {
            return 0;
        }

        var (seen, settled) = (0, 0);
        using var turns = new SemaphoreSlim(AtOnce);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Exception? fault = null;
        await using (await transport.ConsumeAsync(queue, depth, StartAsync, stop))
        {
            while (Volatile.Read(ref seen) < depth && Volatile.Read(ref fault) is null)
            {
                await Task.Delay(BetweenLooks, stop);
            }
        }

        return fault is null ? settled : throw new InvalidOperationException(fault.Message, fault);

        async Task StartAsync(IDelivery delivery)
        {
            await turns.WaitAsync(stop);
            _ = SettleAsync(delivery);
        }

        async Task SettleAsync(IDelivery delivery)
        {
            try
            {
                Interlocked.Add(ref settled, await settle(delivery, ended.Token) ? 1 : 0);
            }
            catch (Exception error)
            {
                Interlocked.CompareExchange(ref fault, error, null);
            }
            finally
            {
                Interlocked.Increment(ref seen);
                turns.Release();
            }
        }
    }

    private ValueTask SendAsync(string stage, Envelope message, CancellationToken stop) =>
        transport.PublishAsync(RoutingKey.Exchange(run), RoutingKey.Replay(stage), message, stop);
}

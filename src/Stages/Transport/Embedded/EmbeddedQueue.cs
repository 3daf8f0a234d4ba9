using System.Diagnostics;
using System.Threading.Channels;

namespace Pipeline.Stages.Transport.Embedded;

/// <summary>One queue: a channel of messages given back, a channel of the others, and the consumers with a free place, in turn.</summary>
/// <remarks>Whoever brings a message or frees a place hands out what can be handed out, under a lock that is never held over an await.
/// Only an empty channel of given-back messages lets the other one be read, so what is given back or unsettled never outnumbers the
/// places of the consumers; these are at most the capacity, and giving back never waits.</remarks>
internal sealed class EmbeddedQueue(string name, int capacity, TimeProvider clock, Func<string, EmbeddedQueue> queueNamed)
{
    private readonly Lock gate = new();
    private readonly Channel<StoredMessage> givenBack = Channel.CreateBounded<StoredMessage>(capacity);
    private readonly Channel<StoredMessage> ready = Channel.CreateBounded<StoredMessage>(capacity);
    private readonly List<EmbeddedConsumer> consumers = [];
    private readonly Queue<EmbeddedConsumer> turns = new();
    private int unsettled;
    private long lastPlace;
    private bool deleted;

    internal string Name => name;

    /// <summary>Where failed messages go; null keeps them at this queue's end.</summary>
    internal string? FailedQueue { get; set; }

    /// <summary>How consumers share it; set before the first one comes.</summary>
    internal QueueForm Form { get; set; }

    /// <summary>Puts a message at the end; waits while the queue is full. False when the queue was deleted.</summary>
    internal async ValueTask<bool> PutAsync(StoredMessage message, CancellationToken stop)
    {
        if (!ready.Writer.TryWrite(message))
        {
            try
            {
                await ready.Writer.WriteAsync(message, stop);
            }
            catch (ChannelClosedException)
            {
                return false;
            }
        }

        HandOut();
        return true;
    }

    internal EmbeddedConsumer Consume(int prefetch, Func<IDelivery, Task> onDelivery)
    {
        lock (gate)
        {
            if (deleted)
            {
                throw new InvalidOperationException(
                    $"The queue {name} was deleted; it must be declared before it is consumed. Declare it again."
                );
            }

            var free = capacity - consumers.Sum(other => other.Prefetch);
            if (prefetch > free)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(prefetch),
                    prefetch,
                    $"The prefetch of a consumer of {name} is {prefetch}; it must be at most {free}, what the queue's {capacity} places leave beside its other consumers. Use a smaller prefetch."
                );
            }

            var consumer = new EmbeddedConsumer(this, prefetch, onDelivery);
            consumers.Add(consumer);
            if (Form != QueueForm.SingleActive || consumers.Count == 1)
            {
                turns.Enqueue(consumer);
                HandOut();
            }

            return consumer;
        }
    }

    internal int Consumers
    {
        get
        {
            lock (gate)
            {
                return consumers.Count;
            }
        }
    }

    internal QueueDepth Depth()
    {
        lock (gate)
        {
            return new QueueDepth(givenBack.Reader.Count + ready.Reader.Count, unsettled);
        }
    }

    internal void Acknowledge(EmbeddedDelivery delivery)
    {
        lock (gate)
        {
            Settle(delivery);
            TakeOff(delivery);
        }
    }

    internal void GiveBack(EmbeddedDelivery delivery)
    {
        lock (gate)
        {
            Settle(delivery);
            PutBack(delivery, delivery.Stored.FailureReason);
            TakeOff(delivery);
        }
    }

    /// <summary>Holds it outside the queue; what a queue that was deleted meanwhile held so is dropped when its time comes.</summary>
    internal void Delay(EmbeddedDelivery delivery, TimeSpan wait)
    {
        if (Form != QueueForm.Shared || FailedQueue is null)
        {
            GiveBack(delivery);
            return;
        }

        Acknowledge(delivery);
        _ = ReturnAsync(delivery.Stored with { Place = 0, Attempts = delivery.Attempts + 1 }, wait);
    }

    internal ValueTask FailAsync(EmbeddedDelivery delivery, string reason)
    {
        lock (gate)
        {
            Settle(delivery);
        }

        return HandOverAsync(delivery, reason);
    }

    internal ValueTask FailUnlessSettledAsync(EmbeddedDelivery delivery, string reason)
    {
        lock (gate)
        {
            if (delivery.Settled)
            {
                return ValueTask.CompletedTask;
            }

            Settle(delivery);
        }

        return HandOverAsync(delivery, reason);
    }

    internal void Stop(EmbeddedConsumer consumer)
    {
        lock (gate)
        {
            consumer.Stop();
        }
    }

    /// <summary>Gives back what a stopped consumer was handed and no call has seen.</summary>
    internal void GiveBackUncalled(EmbeddedConsumer consumer)
    {
        lock (gate)
        {
            PutBackUnsettled(consumer, delivery => !delivery.Called);
            HandOut();
        }
    }

    /// <summary>Gives back what a stopped consumer left unsettled and forgets the consumer.</summary>
    internal void Release(EmbeddedConsumer consumer)
    {
        lock (gate)
        {
            PutBackUnsettled(consumer, _ => true);
            var wasActive = consumers.Count > 0 && consumers[0] == consumer;
            consumers.Remove(consumer);
            if (Form == QueueForm.SingleActive && wasActive && consumers.Count > 0)
            {
                turns.Enqueue(consumers[0]);
            }

            HandOut();
        }
    }

    /// <summary>Ends the queue: waiting publishers go on without it, no consumer is called again. Returns the consumers, whose running calls go on.</summary>
    internal IReadOnlyList<EmbeddedConsumer> Delete()
    {
        lock (gate)
        {
            deleted = true;
            ready.Writer.TryComplete();
            givenBack.Writer.TryComplete();
            consumers.ForEach(consumer => consumer.Stop());
            return [.. consumers];
        }
    }

    /// <summary>In the order of publishing.</summary>
    private void PutBackUnsettled(EmbeddedConsumer consumer, Func<EmbeddedDelivery, bool> which)
    {
        foreach (var delivery in consumer.Unsettled.Where(one => !one.Settled && which(one)).OrderBy(one => one.Place).ToList())
        {
            delivery.Settled = true;
            PutBack(delivery, delivery.Stored.FailureReason);
            consumer.Unsettled.Remove(delivery);
            unsettled--;
        }
    }

    private async Task ReturnAsync(StoredMessage message, TimeSpan wait)
    {
        await Task.Delay(wait, clock);
        await PutAsync(message, CancellationToken.None);
    }

    private void HandOut()
    {
        lock (gate)
        {
            while (turns.TryPeek(out var consumer))
            {
                if (consumer.Stopped)
                {
                    turns.Dequeue();
                    continue;
                }

                if (!givenBack.Reader.TryRead(out var message) && !ready.Reader.TryRead(out message))
                {
                    return;
                }

                turns.Dequeue();
                var delivery = new EmbeddedDelivery(this, consumer, message, message.Place > 0 ? message.Place : ++lastPlace);
                consumer.Unsettled.Add(delivery);
                unsettled++;
                consumer.Hand(delivery);
                if (consumer.Unsettled.Count < consumer.Prefetch)
                {
                    turns.Enqueue(consumer);
                }
            }
        }
    }

    private void Settle(EmbeddedDelivery delivery)
    {
        if (delivery.Settled)
        {
            throw new InvalidOperationException(
                $"A delivery of {delivery.Message.Type} from {name} is settled already, or was given back when its consumer stopped; it must be settled once. "
                    + "Acknowledge, give back or fail it in one place, before the consumer is disposed."
            );
        }

        delivery.Settled = true;
    }

    private void PutBack(EmbeddedDelivery delivery, string? reason)
    {
        if (!givenBack.Writer.TryWrite(delivery.Stored with { FailureReason = reason, Place = delivery.Place }) && !deleted)
        {
            throw new UnreachableException($"The queue {name} has no place for a message that is given back.");
        }
    }

    private void TakeOff(EmbeddedDelivery delivery)
    {
        var consumer = delivery.Consumer;
        if (consumer.Unsettled.Count == consumer.Prefetch)
        {
            turns.Enqueue(consumer);
        }

        consumer.Unsettled.Remove(delivery);
        unsettled--;
        HandOut();
    }

    private async ValueTask HandOverAsync(EmbeddedDelivery delivery, string reason)
    {
        var failed = new StoredMessage(delivery.Message, delivery.RoutingKey, reason);
        var failedQueue = FailedQueue;
        if (failedQueue is not null)
        {
            // One that is deleted between the look and the put is declared anew by the next look.
            while (!await queueNamed(failedQueue).PutAsync(failed, CancellationToken.None)) { }
        }

        lock (gate)
        {
            // Its only consumer may be waiting for this call, so a full queue takes its own failed message back at the front.
            if (failedQueue is null && !ready.Writer.TryWrite(failed))
            {
                PutBack(delivery, reason);
            }

            TakeOff(delivery);
        }
    }
}

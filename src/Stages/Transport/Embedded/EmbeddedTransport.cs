using System.Collections.Concurrent;

namespace Pipeline.Stages.Transport.Embedded;

/// <summary>The transport of one process, in its memory: nothing outlives it, so a run that starts again rebuilds its queues from the store.</summary>
/// <remarks>A publisher waits while a queue is full. A message that several queues take lies in the others while one of them makes its publisher wait;
/// a publish that was stopped then may have arrived. A failed message waits for a place in a full failed queue like any other. A consumer must not be disposed by its own call, for which the disposal waits.</remarks>
public sealed class EmbeddedTransport : ITransport
{
    /// <summary>Messages that wait in one queue before its publishers wait: 1,048,576, which is 67 million images in batches of 64.</summary>
    public const int DefaultCapacity = 1 << 20;

    private readonly Lock topology = new();
    private readonly ConcurrentDictionary<string, EmbeddedExchange> exchanges = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, EmbeddedQueue> queues = new(StringComparer.Ordinal);
    private readonly int capacity;
    private readonly TimeProvider clock;
    private volatile bool disposed;

    /// <summary>Makes a transport without exchanges or queues.</summary>
    /// <param name="capacity">Messages that wait in one queue before its publishers wait, and the most that its consumers may prefetch together; 1 or more.</param>
    /// <param name="clock">Measures how long messages are put aside; the system's when it is null.</param>
    public EmbeddedTransport(int capacity = DefaultCapacity, TimeProvider? clock = null)
    {
        if (capacity < 1)
        {
            throw new ArgumentOutOfRangeException(
                nameof(capacity),
                capacity,
                $"The capacity of a queue is {capacity}; it must be 1 message or more. Leave it out for {DefaultCapacity}."
            );
        }

        this.capacity = capacity;
        this.clock = clock ?? TimeProvider.System;
    }

    /// <inheritdoc/>
    public TimeSpan? AcknowledgementTimeout => null;

    /// <inheritdoc/>
    public Task DeclareExchangeAsync(string exchange, CancellationToken stop) =>
        Change(() => exchanges.TryAdd(exchange, new EmbeddedExchange()), stop);

    /// <inheritdoc/>
    public Task DeclareQueueAsync(string queue, string failedQueue, QueueForm form, CancellationToken stop) =>
        Change(
            () =>
            {
                QueueNamed(failedQueue);
                var declared = queues.GetOrAdd(queue, name => new EmbeddedQueue(name, capacity, clock, QueueNamed) { Form = form });
                if (declared.Form != form)
                {
                    throw new InvalidOperationException(
                        $"The queue {queue} is there with the form {declared.Form}; it must be declared as what it is, not as {form}. Delete it first."
                    );
                }

                declared.FailedQueue = failedQueue;
            },
            stop
        );

    /// <inheritdoc/>
    public Task BindAsync(string exchange, string queue, string pattern, CancellationToken stop) =>
        Change(() => Declared(exchanges, exchange, "exchange").Bind(Declared(queues, queue, "queue"), pattern), stop);

    /// <inheritdoc/>
    public Task UnbindAsync(string exchange, string queue, string pattern, CancellationToken stop) =>
        Change(
            () =>
            {
                if (exchanges.TryGetValue(exchange, out var from) && queues.TryGetValue(queue, out var bound))
                {
                    from.Unbind(bound, pattern);
                }
            },
            stop
        );

    /// <inheritdoc/>
    public Task DeleteQueueAsync(string queue, CancellationToken stop) =>
        Change(
            () =>
            {
                if (queues.TryRemove(queue, out var gone))
                {
                    foreach (var exchange in exchanges.Values)
                    {
                        exchange.Drop(gone);
                    }

                    gone.Delete();
                }
            },
            stop
        );

    /// <inheritdoc/>
    public Task DeleteExchangeAsync(string exchange, CancellationToken stop) => Change(() => exchanges.TryRemove(exchange, out _), stop);

    /// <inheritdoc/>
    public async ValueTask PublishAsync(string exchange, string routingKey, Envelope message, CancellationToken stop)
    {
        Check(stop);
        var routes = Declared(exchanges, exchange, "exchange").Routes;
        StoredMessage? stored = null;
        for (var index = 0; index < routes.Count; index++)
        {
            if (routes[index].Matches(routingKey))
            {
                stored ??= new StoredMessage(message, routingKey, FailureReason: null);
                await routes[index].Queue.PutAsync(stored, stop);
            }
        }

        ObjectDisposedException.ThrowIf(disposed, this);
    }

    /// <inheritdoc/>
    public Task<IConsumer> ConsumeAsync(string queue, int prefetch, Func<IDelivery, Task> onDelivery, CancellationToken stop)
    {
        Check(stop);
        if (prefetch < 1)
        {
            throw new ArgumentOutOfRangeException(
                nameof(prefetch),
                prefetch,
                $"The prefetch of a consumer of {queue} is {prefetch}; it must be 1 delivery or more. Raise it."
            );
        }

        return Task.FromResult<IConsumer>(Declared(queues, queue, "queue").Consume(prefetch, onDelivery));
    }

    /// <inheritdoc/>
    public ValueTask<QueueDepth> DepthAsync(string queue, CancellationToken stop)
    {
        Check(stop);
        return ValueTask.FromResult(Declared(queues, queue, "queue").Depth());
    }

    /// <inheritdoc/>
    public ValueTask<int> ConsumersAsync(string queue, CancellationToken stop)
    {
        Check(stop);
        return ValueTask.FromResult(Declared(queues, queue, "queue").Consumers);
    }

    /// <summary>Ends every queue with its messages, then waits for the running calls of the consumers.</summary>
    public async ValueTask DisposeAsync()
    {
        List<EmbeddedConsumer> consumers;
        lock (topology)
        {
            disposed = true;
            consumers = [.. queues.Values.SelectMany(queue => queue.Delete())];
        }

        foreach (var consumer in consumers)
        {
            await consumer.DisposeAsync();
        }
    }

    private Task Change(Action change, CancellationToken stop)
    {
        lock (topology)
        {
            Check(stop);
            change();
        }

        return Task.CompletedTask;
    }

    private void Check(CancellationToken stop)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        stop.ThrowIfCancellationRequested();
    }

    private EmbeddedQueue QueueNamed(string queue)
    {
        lock (topology)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            return queues.GetOrAdd(queue, name => new EmbeddedQueue(name, capacity, clock, QueueNamed));
        }
    }

    private static T Declared<T>(ConcurrentDictionary<string, T> known, string name, string kind) =>
        known.TryGetValue(name, out var found)
            ? found
            : throw new InvalidOperationException(
                $"The {kind} {name} is not there; it must be declared before it is used. Declare it first."
            );
}

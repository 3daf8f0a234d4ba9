using System.Collections.Concurrent;
using RabbitMQ.Client;

namespace Pipeline.Stages.Transport.RabbitMq;

/// <summary>The transport of many hosts: RabbitMQ 3.10 or later, with quorum queues and confirms, through MassTransit.</summary>
/// <remarks>Three connections: publishing has its own, because a broker that lacks memory or disk stops reading from those that publish; consuming must go on,
/// or the queues would never empty. Only the methods that say so declare, bind and delete; consuming and publishing bring nothing back that was deleted.</remarks>
public sealed class RabbitMqTransport : ITransport
{
    private readonly BrokerOptions options;
    private readonly BrokerNotices notices;
    private readonly BrokerTopology topology;
    private readonly BrokerLink publishing;
    private readonly BrokerLink consuming;
    private readonly BrokerPublisher publisher;
    private readonly ConcurrentDictionary<RabbitMqConsumer, bool> consumers = new();
    private volatile bool disposed;

    private RabbitMqTransport(BrokerOptions options, BrokerConnector connector, IConnection first, BrokerNotices notices)
    {
        this.options = options;
        this.notices = notices;
        topology = new BrokerTopology(connector, notices, first);
        publishing = new BrokerLink(connector, notices, "publish");
        consuming = new BrokerLink(connector, notices, "consume");
        publisher = new BrokerPublisher(publishing, topology);
    }

    /// <inheritdoc/>
    public TimeSpan? AcknowledgementTimeout => options.AcknowledgementTimeout;

    /// <summary>Connects; from then on lost connections are made again for as long as it takes.</summary>
    /// <param name="options">Where the broker is.</param>
    /// <param name="notice">Told what is waited for, and null when that is over; it must return at once.</param>
    /// <param name="stop">Ends the call early.</param>
    /// <exception cref="BrokerException">The broker cannot be used; within 10 s.</exception>
    public static async Task<RabbitMqTransport> ConnectAsync(BrokerOptions options, Action<string?> notice, CancellationToken stop)
    {
        var connector = new BrokerConnector(options);
        var first = await connector.OpenAsync("declare", stop);
        var transport = new RabbitMqTransport(options, connector, first, new BrokerNotices(notice));
        await transport.publishing.StartAsync(stop);
        await transport.consuming.StartAsync(stop);
        return transport;
    }

    /// <inheritdoc/>
    public Task DeclareExchangeAsync(string exchange, CancellationToken stop) => topology.DeclareExchangeAsync(exchange, stop);

    /// <inheritdoc/>
    public Task DeclareQueueAsync(string queue, string failedQueue, QueueForm form, CancellationToken stop) =>
        topology.DeclareQueueAsync(queue, failedQueue, form, stop);

    /// <inheritdoc/>
    public Task BindAsync(string exchange, string queue, string pattern, CancellationToken stop) =>
        topology.BindAsync(exchange, queue, pattern, stop);

    /// <inheritdoc/>
    public Task UnbindAsync(string exchange, string queue, string pattern, CancellationToken stop) =>
        topology.UnbindAsync(exchange, queue, pattern, stop);

    /// <inheritdoc/>
    public async Task DeleteQueueAsync(string queue, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        foreach (var consumer in consumers.Keys.Where(consumer => consumer.Queue == queue))
        {
            await consumer.GiveUpAsync();
        }

        await topology.DeleteQueueAsync(queue, stop);
    }

    /// <inheritdoc/>
    public async Task DeleteExchangeAsync(string exchange, CancellationToken stop)
    {
        await topology.DeleteExchangeAsync(exchange, stop);
        publisher.Forget(exchange);
    }

    /// <inheritdoc/>
    public ValueTask PublishAsync(string exchange, string routingKey, Envelope message, CancellationToken stop) =>
        publisher.PublishAsync(exchange, routingKey, message, stop);

    /// <inheritdoc/>
    public async Task<IConsumer> ConsumeAsync(string queue, int prefetch, Func<IDelivery, Task> onDelivery, CancellationToken stop)
    {
        if (prefetch is < 1 or > ushort.MaxValue)
        {
            throw new ArgumentOutOfRangeException(
                nameof(prefetch),
                prefetch,
                $"The prefetch of a consumer of {queue} is {prefetch}; it must be between 1 and {ushort.MaxValue} deliveries. Change it."
            );
        }

        await CountAsync(queue, stop);
        var consumer = new RabbitMqConsumer(consuming, topology, publisher, notices, queue, prefetch, onDelivery)
        {
            OnDisposed = gone => consumers.TryRemove(gone, out _),
        };
        consumers[consumer] = true;
        try
        {
            await consumer.Began.WaitAsync(stop);
            return consumer;
        }
        catch
        {
            await consumer.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <remarks>Unsettled are those that this transport's consumers hold; AMQP does not tell those of others.</remarks>
    public async ValueTask<QueueDepth> DepthAsync(string queue, CancellationToken stop)
    {
        var ready = await CountAsync(queue, stop);
        return new QueueDepth((int)ready, consumers.Keys.Where(consumer => consumer.Queue == queue).Sum(consumer => consumer.Unsettled));
    }

    /// <inheritdoc/>
    public async ValueTask<int> ConsumersAsync(string queue, CancellationToken stop) =>
        (int)(await topology.ConsumersAsync(queue, stop) ?? throw Missing(queue));

    /// <summary>Waits for the running calls, gives back what is unsettled and closes the connections. Publishes that wait end with an <see cref="ObjectDisposedException"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        await publisher.DisposeAsync();
        foreach (var consumer in consumers.Keys)
        {
            await consumer.DisposeAsync();
        }

        await consuming.DisposeAsync();
        await publishing.DisposeAsync();
        await topology.DisposeAsync();
    }

    private async Task<uint> CountAsync(string queue, CancellationToken stop) =>
        await topology.CountAsync(queue, stop) ?? throw Missing(queue);

    private static InvalidOperationException Missing(string queue) =>
        new($"The queue {queue} is not there; it must be declared before it is used. Declare it first.");
}

using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Tests.Transport;

/// <summary>Passes every call on; a test overrides one. The test disposes the transport behind it.</summary>
internal abstract class DelegatingTransport(ITransport transport) : ITransport
{
    public virtual TimeSpan? AcknowledgementTimeout => transport.AcknowledgementTimeout;

    public virtual ValueTask PublishAsync(string exchange, string routingKey, Envelope message, CancellationToken stop) =>
        transport.PublishAsync(exchange, routingKey, message, stop);

    public Task DeclareExchangeAsync(string exchange, CancellationToken stop) => transport.DeclareExchangeAsync(exchange, stop);

    public Task DeclareQueueAsync(string queue, string failedQueue, QueueForm form, CancellationToken stop) =>
        transport.DeclareQueueAsync(queue, failedQueue, form, stop);

    public Task BindAsync(string exchange, string queue, string pattern, CancellationToken stop) =>
        transport.BindAsync(exchange, queue, pattern, stop);

    public Task UnbindAsync(string exchange, string queue, string pattern, CancellationToken stop) =>
        transport.UnbindAsync(exchange, queue, pattern, stop);

    public Task DeleteQueueAsync(string queue, CancellationToken stop) => transport.DeleteQueueAsync(queue, stop);

    public Task DeleteExchangeAsync(string exchange, CancellationToken stop) => transport.DeleteExchangeAsync(exchange, stop);

    public virtual Task<IConsumer> ConsumeAsync(string queue, int prefetch, Func<IDelivery, Task> onDelivery, CancellationToken stop) =>
        transport.ConsumeAsync(queue, prefetch, onDelivery, stop);

    public ValueTask<QueueDepth> DepthAsync(string queue, CancellationToken stop) => transport.DepthAsync(queue, stop);

    public ValueTask<int> ConsumersAsync(string queue, CancellationToken stop) => transport.ConsumersAsync(queue, stop);

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

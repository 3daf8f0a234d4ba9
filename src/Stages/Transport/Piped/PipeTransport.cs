using System.Collections.Concurrent;
using Pipeline.Stages.Transport.RabbitMq;

namespace Pipeline.Stages.Transport.Piped;

/// <summary>The transport of a child process: its parent, at the other end of a pipe, does everything on a transport of its own and answers.</summary>
/// <remarks>So the order of publishing, confirming and acknowledging is that of the parent's transport. When the parent is gone, or lets go of the
/// child, every call fails, and what was unsettled is given back by the parent or the broker.</remarks>
/// <param name="pipe">This end; whoever reads it calls <see cref="Take"/>, and <see cref="Close"/> when it is closed.</param>
/// <param name="acknowledgementTimeout">That of the parent's transport.</param>
internal sealed class PipeTransport(PipeEnd pipe, TimeSpan? acknowledgementTimeout) : ITransport
{
    private readonly ConcurrentDictionary<long, TaskCompletionSource<CallAnswered>> calls = [];
    private readonly ConcurrentDictionary<long, PipeConsumer> consumers = [];
    private long last;
    private volatile bool closed;

    /// <inheritdoc/>
    public TimeSpan? AcknowledgementTimeout => acknowledgementTimeout;

    /// <summary>Whether the parent is gone.</summary>
    public bool IsClosed => closed;

    /// <summary>Takes a line that the parent wrote.</summary>
    public void Take(PipeLine line)
    {
        switch (line)
        {
            case CallAnswered answer when calls.TryRemove(answer.Id, out var call):
                call.TrySetResult(answer);
                break;
            case Delivered delivered when consumers.TryGetValue(delivered.Consumer, out var consumer):
                consumer.Deliver(delivered);
                break;
            case Delivered late:
                pipe.Tell(new DeliveryReturned(late.Id, Called: false));
                break;
            case DeliveryLost lost when consumers.TryGetValue(lost.Consumer, out var consumer):
                consumer.Lose(lost.Id);
                break;
        }
    }

    /// <summary>The parent is gone: what waits for it fails.</summary>
    public void Close()
    {
        closed = true;
        foreach (var call in calls.Values)
        {
            call.TrySetException(Gone());
        }
    }

    /// <inheritdoc/>
    public Task DeclareExchangeAsync(string exchange, CancellationToken stop) =>
        AskAsync(id => new DeclareExchangeCall(id, exchange), stop);

    /// <inheritdoc/>
    public Task DeclareQueueAsync(string queue, string failedQueue, QueueForm form, CancellationToken stop) =>
        AskAsync(id => new DeclareQueueCall(id, queue, failedQueue, form), stop);

    /// <inheritdoc/>
    public Task BindAsync(string exchange, string queue, string pattern, CancellationToken stop) =>
        AskAsync(id => new BindCall(id, exchange, queue, pattern), stop);

    /// <inheritdoc/>
    public Task UnbindAsync(string exchange, string queue, string pattern, CancellationToken stop) =>
        AskAsync(id => new UnbindCall(id, exchange, queue, pattern), stop);

    /// <inheritdoc/>
    public Task DeleteQueueAsync(string queue, CancellationToken stop) => AskAsync(id => new DeleteQueueCall(id, queue), stop);

    /// <inheritdoc/>
    public Task DeleteExchangeAsync(string exchange, CancellationToken stop) => AskAsync(id => new DeleteExchangeCall(id, exchange), stop);

    /// <inheritdoc/>
    public async ValueTask PublishAsync(string exchange, string routingKey, Envelope message, CancellationToken stop) =>
        await AskAsync(id => new PublishCall(id, exchange, routingKey, message.Type, message.Body.ToArray()), stop);

    /// <inheritdoc/>
    public async Task<IConsumer> ConsumeAsync(string queue, int prefetch, Func<IDelivery, Task> onDelivery, CancellationToken stop)
    {
        long consumer = 0;
        try
        {
            await AskAsync(
                id =>
                {
                    consumer = id;
                    consumers[id] = new PipeConsumer(this, pipe, id, onDelivery); // deliveries may come before the answer
                    return new ConsumeCall(id, queue, prefetch);
                },
                stop
            );
            return consumers[consumer];
        }
        catch
        {
            consumers.TryRemove(consumer, out _);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<QueueDepth> DepthAsync(string queue, CancellationToken stop) =>
        (await AskAsync(id => new DepthCall(id, queue), stop)).Depth;

    /// <inheritdoc/>
    public async ValueTask<int> ConsumersAsync(string queue, CancellationToken stop) =>
        (await AskAsync(id => new ConsumersCall(id, queue), stop)).Consumers;

    /// <summary>Ends the consumers.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var consumer in consumers.Values)
        {
            await consumer.DisposeAsync();
        }
    }

    /// <summary>The consumer takes nothing more.</summary>
    internal void Forget(long consumer) => consumers.TryRemove(consumer, out _);

    /// <summary>Has the parent do something; returns when it has.</summary>
    /// <exception cref="BrokerException">The parent is gone, or could not reach the broker.</exception>
    internal async Task<CallAnswered> AskAsync(Func<long, PipeCall> make, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        var id = Interlocked.Increment(ref last);
        var answered = new TaskCompletionSource<CallAnswered>(TaskCreationOptions.RunContinuationsAsynchronously);
        calls[id] = answered;
        try
        {
            await pipe.SendAsync(make(id));
            if (closed)
            {
                throw Gone();
            }

            await using var givingUp = stop.Register(() => pipe.Tell(new CallGivenUp(id)));
            return Check(await answered.Task, stop);
        }
        catch (IOException error)
        {
            throw Gone(error);
        }
        finally
        {
            calls.TryRemove(id, out _);
        }
    }

    private static CallAnswered Check(CallAnswered answer, CancellationToken stop) =>
        answer.Fault switch
        {
            null => answer,
            PipeFault.OutOfRange => throw new ArgumentOutOfRangeException(null, answer.Message),
            PipeFault.GivenUp => throw new OperationCanceledException(answer.Message, stop),
            PipeFault.Passing => throw new BrokerException(answer.Message),
            _ => throw new InvalidOperationException(answer.Message),
        };

    private static BrokerException Gone(Exception? inner = null) =>
        new("The process that holds the connection to the queues is gone.", inner);
}

namespace Pipeline.Stages.Transport;

/// <summary>The narrow seam between the pipeline and what carries its messages: topic exchanges, durable queues, bindings.</summary>
/// <remarks>One conformance suite holds every implementation to the same behaviour (<c>tests/Stages.Tests/Transport</c>).
/// Delivery is at least once: a message that was neither acknowledged nor failed comes again.</remarks>
public interface ITransport : IAsyncDisposable
{
    /// <summary>How long a delivery may stay unsettled before the transport takes it away and delivers it again; null for ever.</summary>
    TimeSpan? AcknowledgementTimeout { get; }

    /// <summary>Declares a topic exchange; one that exists already stays as it is.</summary>
    Task DeclareExchangeAsync(string exchange, CancellationToken stop);

    /// <summary>Declares a queue; one that exists already keeps its messages.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="failedQueue">Takes over what consumers of <paramref name="queue"/> fail; declared when it is not there.</param>
    /// <param name="form">How its consumers share it; a queue keeps the form with which it was first declared.</param>
    /// <param name="stop">Ends the call early.</param>
    /// <exception cref="InvalidOperationException">The queue is there and has another form; on a broker, also when it has another failed queue, or is itself one.</exception>
    Task DeclareQueueAsync(string queue, string failedQueue, QueueForm form, CancellationToken stop);

    /// <summary>Binds a queue: messages published from now on whose key matches are put into it, each once however many patterns match.</summary>
    /// <param name="exchange">A declared exchange.</param>
    /// <param name="queue">A declared queue.</param>
    /// <param name="pattern">Words parted by dots; <c>*</c> is one word, <c>#</c> any number of words.</param>
    /// <param name="stop">Ends the call early.</param>
    /// <exception cref="InvalidOperationException">The exchange or the queue is not declared.</exception>
    Task BindAsync(string exchange, string queue, string pattern, CancellationToken stop);

    /// <summary>Takes a binding away; messages already in the queue stay. A binding that is not there is no error.</summary>
    Task UnbindAsync(string exchange, string queue, string pattern, CancellationToken stop);

    /// <summary>Deletes a queue with its messages; its consumers get no more. One that is not there is no error.</summary>
    Task DeleteQueueAsync(string queue, CancellationToken stop);

    /// <summary>Deletes an exchange with its bindings. One that is not there is no error.</summary>
    Task DeleteExchangeAsync(string exchange, CancellationToken stop);

    /// <summary>Publishes; returns when every bound queue holds the message. A key that no queue is bound to is no error.</summary>
    /// <exception cref="InvalidOperationException">The exchange is not declared.</exception>
    ValueTask PublishAsync(string exchange, string routingKey, Envelope message, CancellationToken stop);

    /// <summary>Consumes a queue. Messages that were given back come first, then the others in the order of publishing.</summary>
    /// <param name="queue">A declared queue.</param>
    /// <param name="prefetch">Deliveries that may be unsettled at one time; 1 or more.</param>
    /// <param name="onDelivery">Called for each delivery, one call after the other; it may return before it settles the delivery. An exception from it fails the delivery, unless it is settled by then.</param>
    /// <param name="stop">Ends the call early, not the consumer.</param>
    /// <returns>The consumer; disposing it stops it, waits for the running call and gives back what is unsettled.</returns>
    /// <remarks>It outlives a lost connection: when the transport is connected again, what was unsettled comes again.</remarks>
    /// <exception cref="InvalidOperationException">The queue is not declared.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="prefetch"/> is less than 1, or more than the transport can hold.</exception>
    Task<IConsumer> ConsumeAsync(string queue, int prefetch, Func<IDelivery, Task> onDelivery, CancellationToken stop);

    /// <summary>Counts what a queue holds.</summary>
    /// <exception cref="InvalidOperationException">The queue is not declared.</exception>
    ValueTask<QueueDepth> DepthAsync(string queue, CancellationToken stop);

    /// <summary>Counts who consumes a queue, whatever program it is: 0 tells that nobody serves it now.</summary>
    /// <exception cref="InvalidOperationException">The queue is not declared.</exception>
    ValueTask<int> ConsumersAsync(string queue, CancellationToken stop);
}

/// <summary>How the consumers of a queue share it.</summary>
public enum QueueForm
{
    /// <summary>Each message goes to one consumer with a free place.</summary>
    Shared,

    /// <summary>All messages go to one consumer, the first that came; the next takes over when that one is gone.</summary>
    SingleActive,

    /// <summary>As <see cref="Shared"/>; the transport may delete the queue with its messages when nobody has consumed it for five minutes.</summary>
    Temporary,
}

/// <summary>A consumer at work; see <see cref="ITransport.ConsumeAsync"/> for what disposing it does.</summary>
public interface IConsumer : IAsyncDisposable
{
    /// <summary>Begins no further call from now on and waits for the running one. What was delivered to a call and is unsettled can still be settled; the rest is given back at once.</summary>
    Task StopAsync();
}

/// <summary>What a queue holds.</summary>
/// <param name="Ready">Messages that wait for a consumer.</param>
/// <param name="Unsettled">Messages delivered and neither acknowledged, given back nor failed; on a broker, those delivered through this transport.</param>
public readonly record struct QueueDepth(int Ready, int Unsettled);

/// <summary>One delivery of a message. It is settled once, by one of its four methods; a second settling, or one after its consumer was disposed, is an <see cref="InvalidOperationException"/>.</summary>
public interface IDelivery
{
    /// <summary>The message.</summary>
    Envelope Message { get; }

    /// <summary>The key under which it was published.</summary>
    string RoutingKey { get; }

    /// <summary>Why it was failed into this queue, on a delivery from a failed queue; null on others.</summary>
    string? FailureReason => null;

    /// <summary>True when it may have been delivered before.</summary>
    bool Redelivered { get; }

    /// <summary>How often the message was put aside so far; 0 at first, and again when it is published anew.</summary>
    int Attempts { get; }

    /// <summary>Cancelled when the connection that brought it is gone: the message comes again, and settling this delivery does nothing.</summary>
    CancellationToken Lost => CancellationToken.None;

    /// <summary>Takes the message off the queue.</summary>
    ValueTask AcknowledgeAsync();

    /// <summary>Puts the message back; it is delivered again, to this or another consumer.</summary>
    ValueTask GiveBackAsync();

    /// <summary>Puts the message aside and delivers it again after this time, behind what waits then; meanwhile others have its place. Its <see cref="Attempts"/> are one more.</summary>
    /// <remarks>It goes with its queue when that is deleted. In a queue of another form than <see cref="QueueForm.Shared"/>, and in a failed queue, it is given back at once.</remarks>
    /// <param name="wait">At least so long, up to five minutes; a broker has few times from which it takes the next, and a longer wait may end after five minutes.</param>
    ValueTask DelayAsync(TimeSpan wait);

    /// <summary>Moves the message to the failed queue, then takes it off this one. In a queue without a failed queue, such as a failed queue itself, it goes to the end.</summary>
    /// <param name="reason">Why; kept with the message for people.</param>
    ValueTask FailAsync(string reason);
}

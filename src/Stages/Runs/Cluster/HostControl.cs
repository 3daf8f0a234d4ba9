using Pipeline.Messages;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Runs.Cluster;

/// <summary>Wakes hosts: a message that a run changed. What changed, they read in the store, where they also look from time to time.</summary>
public static class HostControl
{
    /// <summary>Tells every host that listens.</summary>
    /// <typeparam name="T">The message's type.</typeparam>
    public static async Task AnnounceAsync<T>(ITransport transport, T message, CancellationToken stop)
        where T : class
    {
        await transport.DeclareExchangeAsync(RunTopology.Control, stop);
        await transport.PublishAsync(RunTopology.Control, typeof(T).Name, Envelope.Of(message), stop);
    }

    /// <summary>Listens until the consumer is disposed.</summary>
    /// <param name="transport">What carries the messages.</param>
    /// <param name="host">Names the host's queue; unique.</param>
    /// <param name="wake">Called for each message.</param>
    /// <param name="stop">Ends the call early.</param>
    public static async Task<IConsumer> ListenAsync(ITransport transport, string host, Action wake, CancellationToken stop)
    {
        await DeclareAsync(transport, host, stop);
        return await transport.ConsumeAsync(
            Queue(host),
            16,
            delivery =>
            {
                wake();
                return delivery.AcknowledgeAsync().AsTask();
            },
            stop
        );
    }

    /// <summary>Declares what a host listens to; also again, after the broker has lost it.</summary>
    public static async Task DeclareAsync(ITransport transport, string host, CancellationToken stop)
    {
        await transport.DeclareExchangeAsync(RunTopology.Control, stop);
        await transport.DeclareQueueAsync(Queue(host), Failed, QueueForm.Temporary, stop);
        await transport.BindAsync(RunTopology.Control, Queue(host), "#", stop);
    }

    private const string Failed = "pipeline.failed";

    private static string Queue(string host) => $"pipeline.host.{host}";
}

using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Tests.Transport;

/// <summary>What every transport does: each sentence of <see cref="ITransport"/> and <see cref="IDelivery"/> has its test here.</summary>
/// <remarks>Nothing is assumed of a transport that a broker on a network could not keep: tests wait for messages and depths with a limit, a name is used by
/// one test in one process alone, and that a message did not come is shown by a later one that did.</remarks>
public abstract partial class TransportConformance
{
    private static int tests;

    private readonly string prefix = $"conformance.{Environment.ProcessId}.{Interlocked.Increment(ref tests)}";

    /// <summary>Makes an own transport, or an own connection to the one broker, for one test.</summary>
    protected abstract Task<ITransport> CreateAsync();

    private string Exchange => $"{prefix}.exchange";

    private string Queue => $"{prefix}.queue";

    private string Failed => $"{prefix}.failed";

    /// <summary>A transport with the test's exchange and its queue, bound with <paramref name="pattern"/>.</summary>
    private async Task<ITransport> BoundAsync(string pattern = "#")
    {
        var transport = await CreateAsync();
        await transport.DeclareExchangeAsync(Exchange, CancellationToken.None);
        await transport.DeclareQueueAsync(Queue, Failed, QueueForm.Shared, CancellationToken.None);
        await transport.BindAsync(Exchange, Queue, pattern, CancellationToken.None);
        return transport;
    }

    private async Task<string> AnotherQueueAsync(ITransport transport, string name, string pattern = "#")
    {
        var queue = $"{prefix}.{name}";
        await transport.DeclareQueueAsync(queue, Failed, QueueForm.Shared, CancellationToken.None);
        await transport.BindAsync(Exchange, queue, pattern, CancellationToken.None);
        return queue;
    }

    private async Task PublishAsync(ITransport transport, params string[] texts)
    {
        foreach (var text in texts)
        {
            await transport.PublishAsync(Exchange, "key", Deliveries.Message(text), CancellationToken.None);
        }
    }

    private async Task PublishAsync(ITransport transport, int count)
    {
        for (var number = 0; number < count; number++)
        {
            await transport.PublishAsync(Exchange, "key", Deliveries.Message(number), CancellationToken.None);
        }
    }
}

using Pipeline.Messages;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Runs;

/// <summary>The exchange, queues and bindings of one run. Commands declare them; what serves the run only consumes and publishes.</summary>
public static class RunTopology
{
    /// <summary>Queue of what the keeper reads: all messages of the run.</summary>
    public static string Ledger(string run) => RoutingKey.Queue(run, "ledger");

    /// <summary>Queue of the run's events, for the process that leads it.</summary>
    public static string Events(string run) => RoutingKey.Queue(run, "host");

    /// <summary>Queue of the baton: who holds its one message leads the run.</summary>
    public static string Lead(string run) => RoutingKey.Queue(run, "lead");

    /// <summary>Queue of what stages failed.</summary>
    public static string Failed(string run) => RoutingKey.Queue(run, "failed");

    /// <summary>Declares everything; what is there stays as it is, with its messages.</summary>
    public static async Task DeclareAsync(ITransport transport, string run, PipelineDefinition pipeline, CancellationToken stop)
    {
        var exchange = RoutingKey.Exchange(run);
        await transport.DeclareExchangeAsync(exchange, stop);
        foreach (var (queue, form, patterns) in Queues(run, pipeline))
        {
            await transport.DeclareQueueAsync(queue, Failed(run), form, stop);
            foreach (var pattern in patterns)
            {
                await transport.BindAsync(exchange, queue, pattern, stop);
            }
        }
    }

    /// <summary>Deletes everything, messages too. What is not there is no error.</summary>
    /// <remarks>A consumer or publisher that was not told may still be at work, so this is called again a while later.</remarks>
    public static async Task RemoveAsync(ITransport transport, string run, PipelineDefinition pipeline, CancellationToken stop)
    {
        await transport.DeleteExchangeAsync(RoutingKey.Exchange(run), stop);
        foreach (var queue in Queues(run, pipeline).Select(queue => queue.Queue).Append(Failed(run)))
        {
            await transport.DeleteQueueAsync(queue, stop);
        }
    }

    /// <summary>The exchange over which hosts are told that a run changed.</summary>
    public const string Control = "pipeline.control";

    private static IEnumerable<(string Queue, QueueForm Form, IEnumerable<string> Patterns)> Queues(
        string run,
        PipelineDefinition pipeline
    ) =>
        pipeline
            .Stages.Select(stage => (RoutingKey.Queue(run, stage.Name), QueueForm.Shared, ((IRunnableKind)stage.Kind).Bindings(stage)))
            .Append((Ledger(run), QueueForm.SingleActive, ["#"]))
            .Append((Events(run), QueueForm.SingleActive, ["event.#"]))
            .Append((Lead(run), QueueForm.SingleActive, [RoutingKey.Event(nameof(RunSubmitted), run)]));
}

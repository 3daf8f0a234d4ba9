using Pipeline.Messages;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Topology;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Runs;

/// <summary>The exchange, queues and bindings of one run. Commands declare them; what serves the run only consumes and publishes.</summary>
public static class RunTopology
{
    /// <summary>The exchange over which hosts are told that a run changed.</summary>
    public const string Control = "pipeline.control";

    /// <summary>Queue of what the keeper reads: all messages of the run.</summary>
    public static string Ledger(string run) => RoutingKey.Queue(run, "ledger");

    /// <summary>Queue of the run's events, for the process that leads it.</summary>
    public static string Events(string run) => RoutingKey.Queue(run, "host");

    /// <summary>Queue of the baton: who holds its one message leads the run.</summary>
    public static string Lead(string run) => RoutingKey.Queue(run, "lead");

    /// <summary>Queue of what stages failed.</summary>
    public static string Failed(string run) => RoutingKey.Queue(run, "failed");

    /// <summary>Declares everything of a run that was never changed.</summary>
    public static Task DeclareAsync(ITransport transport, string run, PipelineDefinition pipeline, CancellationToken stop) =>
        DeclareAsync(transport, run, TopologyHistory.Of(pipeline), stop);

    /// <summary>Declares everything, for every version of the topology; what is there stays as it is, with its messages.</summary>
    public static async Task DeclareAsync(ITransport transport, string run, TopologyHistory history, CancellationToken stop)
    {
        var exchange = RoutingKey.Exchange(run);
        await transport.DeclareExchangeAsync(exchange, stop);
        foreach (var (queue, form) in Queues(run, history.All))
        {
            await transport.DeclareQueueAsync(queue, Failed(run), form, stop);
        }

        foreach (var (queue, pattern) in Bindings(run, history))
        {
            await transport.BindAsync(exchange, queue, pattern, stop);
        }
    }

    /// <summary>Declares what a change adds, then takes away the bindings that it ends: in between a batch may come on both ways, and is superseded on one.</summary>
    /// <param name="transport">What carries the messages.</param>
    /// <param name="run">The run's id.</param>
    /// <param name="before">As it was declared.</param>
    /// <param name="after">As it shall be.</param>
    /// <param name="stop">Ends the call early; calling it again does the rest.</param>
    public static async Task ChangeAsync(
        ITransport transport,
        string run,
        TopologyHistory before,
        TopologyHistory after,
        CancellationToken stop
    )
    {
        var exchange = RoutingKey.Exchange(run);
        foreach (var (queue, form) in Queues(run, after.All).Except(Queues(run, before.All)))
        {
            await transport.DeclareQueueAsync(queue, Failed(run), form, stop);
        }

        var (old, wanted) = (Bindings(run, before).ToHashSet(), Bindings(run, after).ToHashSet());
        foreach (var (queue, pattern) in wanted.Except(old))
        {
            await transport.BindAsync(exchange, queue, pattern, stop);
        }

        foreach (var (queue, pattern) in old.Except(wanted))
        {
            await transport.UnbindAsync(exchange, queue, pattern, stop);
        }
    }

    /// <summary>Deletes everything, messages too. What is not there is no error.</summary>
    /// <remarks>A consumer or publisher that was not told may still be at work, so this is called again a while later.</remarks>
    /// <param name="transport">What carries the messages.</param>
    /// <param name="run">The run's id.</param>
    /// <param name="pipeline">Every stage that the run has or had.</param>
    /// <param name="stop">Ends the call early.</param>
    public static async Task RemoveAsync(ITransport transport, string run, PipelineDefinition pipeline, CancellationToken stop)
    {
        await transport.DeleteExchangeAsync(RoutingKey.Exchange(run), stop);
        foreach (var queue in Queues(run, pipeline).Select(queue => queue.Queue).Append(Failed(run)))
        {
            await transport.DeleteQueueAsync(queue, stop);
        }
    }

    private static IEnumerable<(string Queue, QueueForm Form)> Queues(string run, PipelineDefinition pipeline) =>
        pipeline
            .Stages.Select(stage => (RoutingKey.Queue(run, stage.Name), QueueForm.Shared))
            .Concat(new[] { Ledger(run), Events(run), Lead(run) }.Select(queue => (queue, QueueForm.SingleActive)));

    /// <summary>Batches are bound version by version, all else once.</summary>
    private static IEnumerable<(string Queue, string Pattern)> Bindings(string run, TopologyHistory history)
    {
        var batches =
            from step in history.Steps
            from stage in history.Plan(step.Version).Stages
            where TopologyHistory.IsRow(stage)
            from before in stage.After
            select (RoutingKey.Queue(run, stage.Name), RoutingKey.Batch(step.Version, before));
        return history
            .All.Stages.SelectMany(stage =>
                ((IRunnableKind)stage.Kind).Bindings(stage).Select(pattern => (RoutingKey.Queue(run, stage.Name), pattern))
            )
            .Concat(batches)
            .Append((Ledger(run), "#"))
            .Append((Events(run), "event.#"))
            .Append((Lead(run), RoutingKey.Event(nameof(RunSubmitted), run)));
    }
}

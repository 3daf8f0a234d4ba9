using Pipeline.Messages;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Runs;

/// <summary>A stage's consumer that stops when batch after batch fails, and lets one through from time to time to see whether the stage works again.</summary>
/// <remarks>While it is stopped it holds no delivery: what was taken goes back to the queue, and to other hosts.</remarks>
internal sealed class GuardedConsumer : IConsumer
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private readonly StageSite site;
    private readonly IStageGraph graph;
    private readonly int prefetch;
    private readonly CancellationTokenSource stopping = new();
    private IConsumer consumer;
    private Task guarding = Task.CompletedTask;

    private GuardedConsumer(StageSite site, IStageGraph graph, int prefetch, IConsumer consumer)
    {
        this.site = site;
        this.graph = graph;
        this.prefetch = prefetch;
        this.consumer = consumer;
    }

    /// <summary>Feeds a graph from its stage's queue.</summary>
    public static async Task<IConsumer> StartAsync(StageSite site, IStageGraph graph, int prefetch, CancellationToken stop)
    {
        var first = await site.Run.Transport.ConsumeAsync(site.Queue, prefetch, graph.AcceptAsync, stop);
        var guarded = new GuardedConsumer(site, graph, prefetch, first);
        guarded.guarding = guarded.GuardAsync();
        return guarded;
    }

    /// <inheritdoc/>
    public async Task StopAsync()
    {
        await Task.WhenAll(consumer.StopAsync(), stopping.CancelAsync());
        await guarding;
        await consumer.StopAsync(); // the guard may have begun another one just before
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await guarding;
        await consumer.DisposeAsync();
    }

    private async Task GuardAsync()
    {
        try
        {
            while (true)
            {
                await graph.Circuit.Opened.WaitAsync(stopping.Token);
                await ReleaseAsync();
                await ProbeAsync();
                site.Run.Notice(null);
                consumer = await site.Run.Transport.ConsumeAsync(site.Queue, prefetch, graph.AcceptAsync, stopping.Token);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // whoever stops it ends the consumer
        }
        catch (Exception error)
        {
            site.Run.Notice($"{site.Definition.Name} cannot be consumed any more: {error.Message}");
        }
    }

    /// <summary>One batch after each pause, until one succeeds.</summary>
    private async Task ProbeAsync()
    {
        var pause = FirstPause;
        for (var probes = 0; graph.Circuit.IsOpen; probes++)
        {
            site.Run.Notice(
                $"{site.Definition.Name} is stopped: {graph.Circuit.Reason}. One batch is tried after {pause.TotalSeconds} s. Mend the cause; it goes on by itself then."
            );
            await site.PublishEventAsync(
                new StageStopped
                {
                    Run = site.Run.Run,
                    Stage = site.Definition.Name,
                    Probes = probes,
                    Reason = graph.Circuit.Reason,
                },
                site.Definition.Name,
                stopping.Token
            );
            await Task.Delay(pause, site.Run.Clock, stopping.Token);
            await LetOneThroughAsync();
            pause = 2 * pause < LongestPause ? 2 * pause : LongestPause;
        }
    }

    private async Task LetOneThroughAsync()
    {
        var before = graph.Circuit.Outcomes;
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        graph.Circuit.Probing = true;
        try
        {
            consumer = await site.Run.Transport.ConsumeAsync(site.Queue, 1, TryAsync, stopping.Token);
            await over.Task.WaitAsync(stopping.Token);
            await consumer.DisposeAsync();
        }
        finally
        {
            graph.Circuit.Probing = false;
        }

        async Task TryAsync(IDelivery delivery)
        {
            if (over.Task.IsCompleted)
            {
                return; // given back when the consumer is disposed
            }

            await graph.AcceptAsync(delivery);
            await graph.WhenEmptyAsync();
            if (graph.Circuit.Outcomes != before)
            {
                over.TrySetResult();
            }
        }
    }

    private async Task ReleaseAsync()
    {
        await consumer.StopAsync();
        await graph.WhenEmptyAsync().WaitAsync(stopping.Token);
        await consumer.DisposeAsync();
    }
}

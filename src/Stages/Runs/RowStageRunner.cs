using Pipeline.Sdk;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Runs;

/// <summary>Feeds a stage's graph from its queue.</summary>
internal sealed class RowStageRunner<TIn, TItem, TResult, TOut>(IStage<TIn, TItem, TResult, TOut> stage, FlowOptions flow, StageSite site)
    : IStageRunner
    where TIn : class, ISampleRow
    where TOut : class
{
    private readonly StageGraph<TIn, TItem, TResult, TOut> graph = new(stage, site.Flow() with { Isolation = site.Isolate() }, flow);
    private IConsumer? consumer;

    public async Task StartAsync(CancellationToken stop) =>
        consumer = await site.Run.Transport.ConsumeAsync(site.Queue, flow.Prefetch, graph.AcceptAsync, stop);

    public async Task DrainAsync(CancellationToken limit)
    {
        if (consumer is null)
        {
            return;
        }

        try
        {
            await consumer.StopAsync().WaitAsync(limit);
            await graph.WhenEmptyAsync().WaitAsync(limit);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            // the rest is given back when the runner is disposed
        }
    }

    public async ValueTask DisposeAsync()
    {
        await graph.DisposeAsync();
        if (consumer is not null)
        {
            await consumer.DisposeAsync();
        }

        switch (stage)
        {
            case IAsyncDisposable disposable:
                await disposable.DisposeAsync();
                break;
            case IDisposable disposable:
                disposable.Dispose();
                break;
        }
    }
}

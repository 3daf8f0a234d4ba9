using System.Collections.Concurrent;
using Pipeline.Messages;
using Pipeline.Sdk;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Runs;

/// <summary>Feeds a stage's graph from its queue; batches that were replayed with other settings have a graph of their own for these.</summary>
internal sealed class RowStageRunner<TIn, TItem, TResult, TOut> : IStageRunner, IStageGraph
    where TIn : class, ISampleRow
    where TOut : class
{
    private readonly StageSite site;
    private readonly Func<StageSite, (IStage<TIn, TItem, TResult, TOut> Stage, FlowOptions Flow)> build;
    private readonly Branch main;
    private readonly ConcurrentDictionary<string, Branch> others = new(StringComparer.Ordinal);
    private IConsumer? consumer;

    /// <summary>Makes the stage; <paramref name="build"/> is called again for other settings.</summary>
    public RowStageRunner(StageSite site, Func<StageSite, (IStage<TIn, TItem, TResult, TOut> Stage, FlowOptions Flow)> build)
    {
        this.site = site;
        this.build = build;
        main = Branch.Of(site, build);
    }

    private IEnumerable<Branch> All => others.Values.Prepend(main);

    public async Task StartAsync(CancellationToken stop) =>
        consumer = await GuardedConsumer.StartAsync(site, this, main.Flow.Prefetch, stop);

    public async Task DrainAsync(CancellationToken limit)
    {
        if (consumer is null)
        {
            return;
        }

        try
        {
            await consumer.StopAsync().WaitAsync(limit);
            await WhenEmptyAsync().WaitAsync(limit);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            // the rest is given back when the runner is disposed
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(All.Select(branch => branch.Graph.DisposeAsync().AsTask()));
        if (consumer is not null)
        {
            await consumer.DisposeAsync();
        }

        foreach (var branch in All)
        {
            await branch.DisposeAsync();
        }
    }

    /// <inheritdoc/>
    /// <remarks>Of the pipeline's own settings: batches with others are few, and were chosen by a person.</remarks>
    public Circuit Circuit => ((IStageGraph)main.Graph).Circuit;

    /// <inheritdoc/>
    public Task WhenEmptyAsync() => Task.WhenAll(All.Select(branch => branch.Graph.WhenEmptyAsync()));

    /// <inheritdoc/>
    public async Task AcceptAsync(IDelivery delivery)
    {
        var batch = delivery.Message.Read<BatchReady>().Batch;
        var sets = await site.Run.Claims.SetsAsync(site.Definition.Name, batch, CancellationToken.None);
        var branch = sets.Count == 0 ? main : others.GetOrAdd(string.Join('\0', sets), _ => Branch.Of(site.With(sets), Endless));
        await branch.Graph.AcceptAsync(delivery);
    }

    /// <summary>As <see cref="build"/>, and however many batches fail in a row.</summary>
    private (IStage<TIn, TItem, TResult, TOut> Stage, FlowOptions Flow) Endless(StageSite other)
    {
        var (stage, flow) = build(other);
        return (stage, flow with { FailuresInRow = int.MaxValue });
    }

    /// <summary>The stage with one choice of settings.</summary>
    private sealed record Branch(
        StageSite Site,
        IStage<TIn, TItem, TResult, TOut> Stage,
        FlowOptions Flow,
        StageGraph<TIn, TItem, TResult, TOut> Graph
    ) : IAsyncDisposable
    {
        public static Branch Of(StageSite site, Func<StageSite, (IStage<TIn, TItem, TResult, TOut> Stage, FlowOptions Flow)> build)
        {
            var (stage, flow) = build(site);
            return new Branch(
                site,
                stage,
                flow,
                new StageGraph<TIn, TItem, TResult, TOut>(stage, site.Flow() with { Isolation = site.Isolate() }, flow)
            );
        }

        public async ValueTask DisposeAsync() => await StageDisposal.DisposeAsync(Stage, Site);
    }
}

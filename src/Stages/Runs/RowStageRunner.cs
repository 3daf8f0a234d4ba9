using System.Collections.Concurrent;
using Pipeline.Messages;
using Pipeline.Sdk;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Runs;

/// <summary>Feeds a stage's graph from its queue; batches with other settings, because they were replayed or are of another version of the topology, have a graph of their own for these.</summary>
internal sealed class RowStageRunner<TIn, TItem, TResult, TOut> : IStageRunner, IStageGraph
    where TIn : class, ISampleRow
    where TOut : class
{
    private static readonly TimeSpan BeforeAgain = TimeSpan.FromSeconds(10);
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
    /// <remarks>A batch of which it cannot be found out how it is to be done comes again: that is no fault of the batch.</remarks>
    public async Task AcceptAsync(IDelivery delivery)
    {
        var message = delivery.Message.Read<BatchReady>();
        Branch? branch;
        try
        {
            branch = await FindAsync(message);
        }
        catch (Exception error)
        {
            site.Run.Notice($"{site.Definition.Name} batch {message.Batch} could not be taken and comes again: {error.Message}");
            await delivery.DelayAsync(BeforeAgain);
            return;
        }

        await (branch?.Graph.AcceptAsync(delivery) ?? delivery.AcknowledgeAsync().AsTask());
    }

    /// <summary>The graph that does a batch; null when it is superseded: it comes on the way that it has now, or no longer at all.</summary>
    private async Task<Branch?> FindAsync(BatchReady message)
    {
        var name = site.Definition.Name;
        var history = await site.Run.Topology.KnowAsync(message.Version, CancellationToken.None);
        if (!history.IsPlain && !history.Follows(name, message.Shards[^1].Stage, message.Version))
        {
            return null;
        }

        var definition = history.Find(name, message.Version) ?? site.Definition;
        var sets = await site.Run.Claims.SetsAsync(name, message.Batch, CancellationToken.None);
        return sets.Count > 0 || !site.Definition.DoesAs(definition)
            ? others.GetOrAdd(Key(definition, sets), _ => Other(definition, sets))
            : main;
    }

    private string Key(StageDefinition definition, IReadOnlyList<string> sets) =>
        string.Join(
            '\0',
            [.. (site with { Definition = definition }).OptionTexts().Select(option => $"{option.Key}={option.Value}"), .. sets]
        );

    private Branch Other(StageDefinition definition, IReadOnlyList<string> sets)
    {
        var other = site with { Definition = definition };
        return sets.Count > 0 ? Branch.Of(other.With(sets), Endless) : Branch.Of(other, build);
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

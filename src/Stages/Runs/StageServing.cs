using Pipeline.Stages.Flow;
using Pipeline.Stages.Plugins;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Topology;

namespace Pipeline.Stages.Runs;

/// <summary>Serves stages of one run in this process: starts each when the artifacts that it needs are ready, and follows changes of the topology.</summary>
/// <param name="site">The run.</param>
/// <param name="serves">Whether a stage is served here; one whose kind is known by its manifest alone never is.</param>
public sealed class StageServing(RunSite site, Func<StageDefinition, bool> serves) : IAsyncDisposable
{
    private readonly SemaphoreSlim starting = new(1, 1);
    private readonly CancellationTokenSource stopping = new();
    private IReadOnlyList<ServedStage> stages = [.. Served(site, serves)];

    /// <summary>The stages served here, in the order of the pipeline.</summary>
    public IReadOnlyList<ServedStage> Stages => Volatile.Read(ref stages);

    /// <summary>Starts the stages whose artifacts are ready, the source last, so that nothing is published before its queues are served.</summary>
    /// <remarks>A stage that could not be started is started by the next call, and keeps none of the others from being started.</remarks>
    /// <param name="stop">Ends the call early.</param>
    /// <exception cref="StageStartException">One could not be started.</exception>
    public async Task StartReadyAsync(CancellationToken stop = default)
    {
        await starting.WaitAsync(stop);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop, stopping.Token);
            var paused = site.Topology.Current.Paused;
            var ready = Stages
                .Where(stage => stage is { Runner: null, Leaving.IsCompleted: true } && !paused.Contains(stage.Site.Definition.Name))
                .Where(stage => stage.Site.Definition.Kind.Needs.All(site.Artifacts.ContainsKey))
                .OrderBy(stage => stage.Kind.Form == StageForm.Source);
            StageStartException? fault = null;
            foreach (var stage in stopping.IsCancellationRequested ? [] : ready.ToList())
            {
                try
                {
                    await StartAsync(stage, limit.Token);
                }
                catch (Exception error) when (!limit.IsCancellationRequested)
                {
                    fault ??= new StageStartException(stage.Site.Definition.Name, error);
                }
            }

            if (fault is not null)
            {
                throw fault;
            }
        }
        finally
        {
            starting.Release();
        }
    }

    /// <summary>Serves the stages that the topology has now: new ones too, paused ones not, and one whose kind is another program now by that, when what the old one has begun is done.</summary>
    /// <remarks>Stages that were removed are served on, for batches that still pass them. Nothing is waited for.</remarks>
    public async Task FollowAsync(CancellationToken stop = default)
    {
        await starting.WaitAsync(stop);
        try
        {
            var paused = site.Topology.Current.Paused;
            var now = Served(site, serves)
                .Select(wanted =>
                    Stages.FirstOrDefault(stage => stage.Site.Definition.Name == wanted.Site.Definition.Name) is not { } there ? wanted
                    : ReferenceEquals(there.Site.Definition.Kind, wanted.Site.Definition.Kind) ? there
                    : new ServedStage(wanted.Site with { Meter = there.Site.Meter }) { Leaving = LeaveAsync(there) }
                )
                .ToList();
            foreach (var stage in now.Where(stage => stage.Runner is not null && paused.Contains(stage.Site.Definition.Name)))
            {
                stage.Leaving = LeaveAsync(stage);
            }

            Volatile.Write(ref stages, now);
        }
        finally
        {
            starting.Release();
        }

        await StartReadyAsync(stop);
    }

    /// <summary>Starts nothing more, takes nothing more, and returns when nothing is in flight or <paramref name="limit"/> is cancelled.</summary>
    public async Task DrainAsync(CancellationToken limit)
    {
        await StopStartingAsync();
        await Task.WhenAll(Stages.Select(stage => stage.Runner).OfType<IStageRunner>().Select(runner => runner.DrainAsync(limit)));
    }

    /// <summary>Starts nothing more and stops what runs; what was not finished is given back.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopStartingAsync();
        // All at one time: none takes a message that another had to be asked to leave.
        await Task.WhenAll(
            Stages
                .Select(stage => stage.Runner)
                .OfType<IStageRunner>()
                .Select(runner => runner.DisposeAsync().AsTask())
                .Concat(Stages.Select(stage => stage.Leaving))
        );
        starting.Dispose();
        stopping.Dispose();
    }

    private static IEnumerable<ServedStage> Served(RunSite site, Func<StageDefinition, bool> serves) =>
        site
            .Pipeline.Stages.Where(stage => stage.Kind is not ForeignKind && serves(stage))
            .Select(stage => new ServedStage(new StageSite(site, stage, new StageMeter())));

    private static async Task StartAsync(ServedStage stage, CancellationToken stop)
    {
        var runner = stage.Kind.Create(stage.Site);
        try
        {
            await runner.StartAsync(stop);
            stage.Runner = runner;
        }
        catch
        {
            await runner.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes nothing more and ends what was begun; then what waited for that may start.</summary>
    private async Task LeaveAsync(ServedStage stage)
    {
        var runner = stage.Runner;
        stage.Runner = null;
        if (runner is not null)
        {
            await runner.DrainAsync(stopping.Token);
            await runner.DisposeAsync();
        }

        if (stage.Kind is IPluginKind { Plugin: var plugin } && site.Plugins is { } plugins && !plugins.IsInForce(plugin))
        {
            plugins.Release(plugin);
        }
    }

    /// <summary>Ends a start that waits for a queue, which may be gone for good.</summary>
    private async Task StopStartingAsync()
    {
        await stopping.CancelAsync();
        await starting.WaitAsync(CancellationToken.None);
        starting.Release();
    }
}

/// <summary>A stage that a process serves.</summary>
/// <param name="Site">What the stage is given.</param>
public sealed record ServedStage(StageSite Site)
{
    /// <summary>Its kind.</summary>
    public IRunnableKind Kind => (IRunnableKind)Site.Definition.Kind;

    /// <summary>What serves it; null until its artifacts are ready, and while it is paused.</summary>
    public IStageRunner? Runner { get; internal set; }

    /// <summary>Ends when what served it before has ended.</summary>
    internal Task Leaving { get; set; } = Task.CompletedTask;
}

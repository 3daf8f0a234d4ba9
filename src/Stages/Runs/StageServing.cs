using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Runs;

/// <summary>Serves stages of one run in this process: starts each when the artifacts that it needs are ready.</summary>
/// <param name="site">The run.</param>
/// <param name="stages">Those that are served here.</param>
public sealed class StageServing(RunSite site, IEnumerable<StageDefinition> stages) : IAsyncDisposable
{
    private readonly SemaphoreSlim starting = new(1, 1);
    private readonly CancellationTokenSource stopping = new();

    /// <summary>The stages served here, in the order of the pipeline.</summary>
    public IReadOnlyList<ServedStage> Stages { get; } =
    [.. stages.Select(stage => new ServedStage(new StageSite(site, stage, new StageMeter())))];

    /// <summary>Starts the stages whose artifacts are ready, the source last, so that nothing is published before its queues are served.</summary>
    /// <remarks>A stage that could not be started is started by the next call.</remarks>
    /// <param name="stop">Ends the call early.</param>
    public async Task StartReadyAsync(CancellationToken stop = default)
    {
        await starting.WaitAsync(stop);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop, stopping.Token);
            var ready = Stages
                .Where(stage => stage.Runner is null && stage.Site.Definition.Kind.Needs.All(site.Artifacts.ContainsKey))
                .OrderBy(stage => stage.Kind.Form == StageForm.Source);
            foreach (var stage in stopping.IsCancellationRequested ? [] : ready.ToList())
            {
                await StartAsync(stage, limit.Token);
            }
        }
        finally
        {
            starting.Release();
        }
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
        await Task.WhenAll(Stages.Select(stage => stage.Runner).OfType<IStageRunner>().Select(runner => runner.DisposeAsync().AsTask()));
        starting.Dispose();
        stopping.Dispose();
    }

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

    /// <summary>Ends a start that waits for a queue, which may be gone for good.</summary>
    private async Task StopStartingAsync()
    {
        await stopping.CancelAsync();
        await starting.WaitAsync(CancellationToken.None);
        starting.Release();
    }
}

/// <summary>A stage that a process serves.</summary>
/// <param name="site">The stage.</param>
public sealed class ServedStage(StageSite site)
{
    /// <summary>What the stage is given.</summary>
    public StageSite Site => site;

    /// <summary>Its kind.</summary>
    public IRunnableKind Kind => (IRunnableKind)site.Definition.Kind;

    /// <summary>What serves it; null until its artifacts are ready.</summary>
    public IStageRunner? Runner { get; internal set; }
}

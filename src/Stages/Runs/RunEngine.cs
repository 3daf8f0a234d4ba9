using Pipeline.Messages;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Runs;

/// <summary>How a run ended in this process.</summary>
/// <param name="FailedBatches">Batches that failed in any stage.</param>
/// <param name="Fault">Why the run could not be finished; null when every stage is drained.</param>
public sealed record RunEnd(int FailedBatches, string? Fault);

/// <summary>Serves all the stages of one run in this process: declares the topology, opens gates, and waits for the end.</summary>
/// <param name="site">The run.</param>
/// <param name="ledger">Takes the outcomes.</param>
/// <param name="monitor">Is told how far it is.</param>
/// <param name="maxFailedPercent">Share of batches that may fail before the run is stopped, percent, 0 to 100.</param>
public sealed class RunEngine(RunSite site, Ledger ledger, IRunMonitor monitor, double maxFailedPercent) : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);
    private readonly TaskCompletionSource<RunEnd> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim starting = new(1, 1);
    private readonly List<ServedStage> stages =
    [
        .. site.Pipeline.Stages.Select(stage => new ServedStage(new StageSite(site, stage, new StageMeter()))),
    ];
    private readonly Keeper keeper = new(site, ledger, maxFailedPercent);
    private string? notice;

    /// <inheritdoc/>
    public void Dispose() => starting.Dispose();

    /// <summary>What the run tells people now.</summary>
    public void Notice(string? text) => Volatile.Write(ref notice, text);

    /// <summary>Runs until every stage is drained, the run fails or <paramref name="stop"/> is asked for.</summary>
    /// <exception cref="OperationCanceledException">It was asked to stop; what is finished lies in the store.</exception>
    public async Task<RunEnd> RunAsync(CancellationToken stop)
    {
        var started = site.Clock.GetTimestamp();
        var exchange = RoutingKey.Exchange(site.Run);
        await DeclareAsync(exchange, stop);
        await using var ledgerConsumer = await site.Transport.ConsumeAsync(RoutingKey.Queue(site.Run, "ledger"), 64, OnLedgerAsync, stop);
        await using var hostConsumer = await site.Transport.ConsumeAsync(RoutingKey.Queue(site.Run, "host"), 1, OnEventAsync, stop);
        try
        {
            await StartReadyAsync();
            using var timer = new PeriodicTimer(Tick, site.Clock);
            while (!ended.Task.IsCompleted)
            {
                var tick = timer.WaitForNextTickAsync(stop).AsTask();
                await Task.WhenAny(tick, ended.Task);
                stop.ThrowIfCancellationRequested();
                ledger.Flush();
                monitor.Report(Progress(site.Clock.GetElapsedTime(started)));
            }

            return await ended.Task;
        }
        finally
        {
            if (stop.IsCancellationRequested)
            {
                Notice("Stopping: the batches in flight end first. Ctrl-C once more ends at once; the next run does them again then.");
                monitor.Report(Progress(site.Clock.GetElapsedTime(started)));
            }

            foreach (var stage in stages.Where(stage => stage.Runner is not null))
            {
                await (stage.Runner?.DisposeAsync() ?? ValueTask.CompletedTask);
            }

            Notice(null);
            monitor.Report(Progress(site.Clock.GetElapsedTime(started)));
        }
    }

    private async Task DeclareAsync(string exchange, CancellationToken stop)
    {
        var failed = RoutingKey.Queue(site.Run, "failed");
        await site.Transport.DeclareExchangeAsync(exchange, stop);
        foreach (var (queue, patterns) in Queues())
        {
            await site.Transport.DeclareQueueAsync(queue, failed, QueueForm.Shared, stop);
            foreach (var pattern in patterns)
            {
                await site.Transport.BindAsync(exchange, queue, pattern, stop);
            }
        }
    }

    private IEnumerable<(string Queue, IEnumerable<string> Patterns)> Queues() =>
        stages
            .Select(stage => (stage.Site.Queue, stage.Kind.Bindings(stage.Site.Definition)))
            .Append((RoutingKey.Queue(site.Run, "ledger"), ["#"]))
            .Append((RoutingKey.Queue(site.Run, "host"), ["event.#"]));

    private async Task OnLedgerAsync(IDelivery delivery)
    {
        try
        {
            await keeper.OnMessageAsync(delivery);
            if (keeper.Fault is { } fault)
            {
                ended.TrySetResult(new RunEnd(keeper.FailedBatches, fault));
            }
        }
        catch (Exception error)
        {
            ended.TrySetResult(new RunEnd(keeper.FailedBatches, $"the keeper stopped: {error.Message}"));
        }
    }

    private async Task OnEventAsync(IDelivery delivery)
    {
        switch (delivery.Message.Type)
        {
            case nameof(ArtifactReady):
                var artifact = delivery.Message.Read<ArtifactReady>();
                site.Artifacts[artifact.Name] = artifact;
                await StartReadyAsync();
                break;
            case nameof(RunCompleted):
                ended.TrySetResult(new RunEnd(keeper.FailedBatches, null));
                break;
            case nameof(BatchFailed):
                var failed = delivery.Message.Read<BatchFailed>();
                if (stages.First(stage => stage.Site.Definition.Name == failed.Stage).Kind.Form != StageForm.Rows)
                {
                    ended.TrySetResult(new RunEnd(keeper.FailedBatches, $"{failed.Stage} failed: {failed.Message}"));
                }

                break;
        }

        await delivery.AcknowledgeAsync();
    }

    /// <summary>Starts the stages whose artifacts are ready, the source last, so that nothing is published before its queues are served.</summary>
    private async Task StartReadyAsync()
    {
        await starting.WaitAsync(CancellationToken.None);
        try
        {
            var ready = stages
                .Where(stage => stage.Runner is null && stage.Site.Definition.Kind.Needs.All(site.Artifacts.ContainsKey))
                .OrderBy(stage => stage.Kind.Form == StageForm.Source);
            foreach (var stage in ready.ToList())
            {
                keeper.GateOpened(stage.Site.Definition.Name);
                stage.Runner = stage.Kind.Create(stage.Site);
                await stage.Runner.StartAsync(CancellationToken.None);
            }
        }
        catch (Exception error)
        {
            ended.TrySetResult(new RunEnd(keeper.FailedBatches, error.Message));
        }
        finally
        {
            starting.Release();
        }
    }

    private RunProgress Progress(TimeSpan elapsed) =>
        new()
        {
            Elapsed = elapsed,
            Notice = Volatile.Read(ref notice),
            Stages = [.. stages.Select(stage => stage.Progress(keeper))],
        };

    private sealed class ServedStage(StageSite site)
    {
        public StageSite Site => site;

        public IRunnableKind Kind => (IRunnableKind)site.Definition.Kind;

        public IStageRunner? Runner { get; set; }

        public StageProgress Progress(Keeper keeper)
        {
            var meter = site.Meter;
            var steps = Runner?.Steps;
            var total = Kind.Form is StageForm.Whole ? 1 : keeper.Total ?? 0;
            return new StageProgress
            {
                Stage = site.Definition.Name,
                Done = steps?.Done ?? meter.Batches,
                Total = steps?.Total ?? total,
                Step = steps?.Name ?? "batch",
                Reused = meter.Reused,
                Failed = meter.Failed,
                Items = meter.Items,
                Quarantined = meter.Quarantined,
                MicroBatchFill = meter.Fill,
                BusySeconds = meter.Busy.TotalSeconds,
                State = State(keeper, steps is not null),
            };
        }

        private string State(Keeper keeper, bool began)
        {
            var missing = Runner is null
                ? Kind.Needs.Where(artifact => !site.Run.Artifacts.ContainsKey(artifact)).ToArray()
                : [.. site.Definition.After.Where(stage => Kind.Form == StageForm.Whole && !began && !keeper.IsDrained(stage))];
            return keeper.IsDrained(site.Definition.Name) ? "done"
                : missing.Length > 0 ? $"waiting for {string.Join(", ", missing)}"
                : "running";
        }
    }
}

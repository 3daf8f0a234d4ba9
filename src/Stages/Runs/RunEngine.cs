using System.Collections.Concurrent;
using System.Globalization;
using Pipeline.Messages;
using Pipeline.Stages.Failures;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Topology;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Runs;

/// <summary>How a run ended in this process.</summary>
/// <param name="FailedBatches">Batches that failed in any stage.</param>
/// <param name="Fault">Why the run could not be finished; null when every stage is drained.</param>
/// <param name="IsStale">True when it is not finished because something came late, a failed batch or a change of the topology, and the run must be led anew.</param>
public sealed record RunEnd(int FailedBatches, string? Fault, bool IsStale = false);

/// <summary>Leads one run: keeps its books, opens gates, serves stages in this process, follows changes of the topology, and waits for the end. The topology is declared before.</summary>
public sealed class RunEngine : IDisposable
{
    /// <summary>Batches that are tried on a stopped stage before the run ends: five take 12 minutes and a half, in which a service may come back.</summary>
    public const int MostProbes = 5;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);
    private readonly RunSite site;
    private readonly Ledger ledger;
    private readonly IRunMonitor monitor;
    private readonly Func<StageDefinition, bool>? served;
    private readonly TaskCompletionSource<RunEnd> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource stopping = new();
    private readonly StageServing serving;
    private readonly Keeper keeper;
    private readonly FollowedTopology topology;
    private readonly string term;
    private readonly ConcurrentDictionary<string, (StageStopped Message, int Done, string Steps)> stopped = new(StringComparer.Ordinal);
    private string? notice;
    private bool begun;

    /// <summary>Leads a run.</summary>
    /// <param name="site">The run.</param>
    /// <param name="ledger">Takes the outcomes.</param>
    /// <param name="monitor">Is told how far it is.</param>
    /// <param name="maxFailedPercent">Share of batches that may fail before the run is stopped, percent, 0 to 100.</param>
    /// <param name="served">Whether this process serves a stage; null for all.</param>
    public RunEngine(RunSite site, Ledger ledger, IRunMonitor monitor, double maxFailedPercent, Func<StageDefinition, bool>? served = null)
    {
        (this.site, this.ledger, this.monitor, this.served) = (site, ledger, monitor, served);
        serving = new StageServing(site, served ?? (static _ => true));
        term = string.Create(
            CultureInfo.InvariantCulture,
            $"{Environment.MachineName}.{Environment.ProcessId}.{site.Clock.GetUtcNow().UtcTicks}"
        );
        keeper = new Keeper(site, ledger, maxFailedPercent) { Term = term, OnOverwritten = SendAgainAsync };
        topology = new FollowedTopology(site, serving, keeper);
    }

    /// <inheritdoc/>
    public void Dispose() => stopping.Dispose();

    /// <summary>What the run tells people now.</summary>
    public void Notice(string? text) => Volatile.Write(ref notice, text);

    /// <summary>Runs until every stage is drained, the run fails or <paramref name="stop"/> is asked for.</summary>
    /// <exception cref="OperationCanceledException">It was asked to stop; what is finished lies in the store.</exception>
    public async Task<RunEnd> RunAsync(CancellationToken stop)
    {
        var started = site.Clock.GetTimestamp();
        await using var ledgerConsumer = await site.Transport.ConsumeAsync(RunTopology.Ledger(site.Run), 64, OnLedgerAsync, stop);
        await using var eventConsumer = await site.Transport.ConsumeAsync(RunTopology.Events(site.Run), 1, OnEventAsync, stop);
        try
        {
            await BeginAsync(stop);
            await OpenGatesAsync();
            using var timer = new PeriodicTimer(Tick, site.Clock);
            while (!ended.Task.IsCompleted)
            {
                var tick = timer.WaitForNextTickAsync(stop).AsTask();
                await Task.WhenAny(tick, ended.Task);
                stop.ThrowIfCancellationRequested();
                await FollowAsync();
                ledger.Flush();
                monitor.Report(Progress(site.Clock.GetElapsedTime(started)));
            }

            ledger.Put(await ReplayOutcome.ReadAllAsync(site.Store, site.Run, stop));
            var end = await ended.Task;
            return end is { Fault: null, IsStale: false } && !await topology.IsFollowedAsync(stop)
                ? Anew("the topology was changed at the end")
                : end;
        }
        finally
        {
            if (stop.IsCancellationRequested)
            {
                Notice("Stopping: the batches in flight end first. Ctrl-C once more ends at once; the next run does them again then.");
                monitor.Report(Progress(site.Clock.GetElapsedTime(started)));
            }

            await stopping.CancelAsync();
            await serving.DisposeAsync();
            Notice(null);
            monitor.Report(Progress(site.Clock.GetElapsedTime(started)));
        }
    }

    private RunEnd Anew(string reason)
    {
        site.Notice($"is led anew: {reason}");
        return new RunEnd(keeper.FailedBatches, null, IsStale: true);
    }

    /// <summary>What comes before this was told to whoever led before, and is told again.</summary>
    private ValueTask BeginAsync(CancellationToken stop) =>
        site.Transport.PublishAsync(
            RoutingKey.Exchange(site.Run),
            RoutingKey.Event(nameof(TermBegan), site.Run),
            Envelope.Of(new TermBegan { Run = site.Run, Term = term }),
            stop
        );

    private Task SendAgainAsync(string stage, int batch, IReadOnlyList<string> sources) => topology.SendAgainAsync(stage, batch, sources);

    /// <summary>A change that cannot be followed is told, and looked at again by the next tick; the run goes on as it was.</summary>
    private async Task FollowAsync()
    {
        try
        {
            if (!await topology.FollowAsync(stopping.Token))
            {
                ended.TrySetResult(Anew(keeper.Stale ?? "a change of the topology concerns what was done once a run"));
            }
        }
        catch (Exception error) when (!stopping.IsCancellationRequested)
        {
            Notice($"The topology cannot be followed now: {error.Message}");
        }
    }

    private async Task OnLedgerAsync(IDelivery delivery)
    {
        try
        {
            await keeper.OnMessageAsync(delivery, stopping.Token);
            if (keeper.Fault is { } fault)
            {
                ended.TrySetResult(new RunEnd(keeper.FailedBatches, fault));
            }
            else if (keeper.IsStale)
            {
                ended.TrySetResult(Anew(keeper.Stale ?? ""));
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // given back when the consumer is disposed
        }
        catch (Exception error)
        {
            ended.TrySetResult(new RunEnd(keeper.FailedBatches, $"the keeper stopped: {error.Message}"));
        }
    }

    private async Task OnEventAsync(IDelivery delivery)
    {
        try
        {
            await TakeEventAsync(delivery);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // given back when the consumer is disposed
        }
    }

    private async Task TakeEventAsync(IDelivery delivery)
    {
        switch (delivery.Message.Type)
        {
            case nameof(ArtifactReady):
                var artifact = delivery.Message.Read<ArtifactReady>();
                await ArtifactFile.WriteAsync(site.Store, artifact, stopping.Token);
                site.Artifacts[artifact.Name] = artifact;
                await OpenGatesAsync();
                break;
            case nameof(TermBegan):
                begun |= delivery.Message.Read<TermBegan>().Term == term;
                break;
            case nameof(RunCompleted) when begun:
                ended.TrySetResult(new RunEnd(keeper.FailedBatches, null));
                break;
            case nameof(StageStopped) when begun:
                OnStopped(delivery.Message.Read<StageStopped>());
                break;
            case nameof(BatchFailed) when begun:
                var failed = delivery.Message.Read<BatchFailed>();
                if (site.Pipeline.Find(failed.Stage) is { } broken && !TopologyHistory.IsRow(broken))
                {
                    ended.TrySetResult(new RunEnd(keeper.FailedBatches, $"{failed.Stage} failed: {failed.Message}"));
                }

                break;
        }

        await delivery.AcknowledgeAsync();
    }

    /// <summary>A run of this process ends when a stage stays stopped and, from one probe to the next, nothing else went on; others wait for other hosts, and for people.</summary>
    private void OnStopped(StageStopped message)
    {
        var steps = string.Join(' ', site.Pipeline.Stages.Select(stage => Progress(stage).Done));
        if (served is null && message.Probes >= MostProbes && stopped.TryGetValue(message.Stage, out var before) && before.Steps == steps)
        {
            ended.TrySetResult(
                new RunEnd(
                    keeper.FailedBatches,
                    $"{message.Stage} is stopped: {message.Reason}. It was tried {message.Probes} times since, in vain. Mend the cause and run the same command again."
                )
            );
        }

        stopped[message.Stage] = (message, keeper.Tally(message.Stage).Done, steps);
    }

    private async Task OpenGatesAsync()
    {
        foreach (var stage in site.Pipeline.Stages.Where(stage => stage.Kind.Needs.All(site.Artifacts.ContainsKey)))
        {
            keeper.GateOpened(stage.Name);
        }

        try
        {
            await serving.StartReadyAsync();
        }
        catch (Exception error)
        {
            ended.TrySetResult(new RunEnd(keeper.FailedBatches, error.Message));
        }
    }

    private RunProgress Progress(TimeSpan elapsed) =>
        new()
        {
            Elapsed = elapsed,
            Notice = Volatile.Read(ref notice),
            Stages = [.. site.Pipeline.Stages.Select(Progress)],
        };

    /// <summary>Batches as the books say, whoever did them; calls and work as this process measured them.</summary>
    private StageProgress Progress(StageDefinition stage)
    {
        var here = serving.Stages.FirstOrDefault(other => other.Site.Definition.Name == stage.Name);
        var books = keeper.Tally(stage.Name);
        var meter = here?.Site.Meter;
        var steps = here?.Runner?.Steps;
        var form = ((IRunnableKind)stage.Kind).Form;
        var booked = form is StageForm.Source or StageForm.Rows;
        return new StageProgress
        {
            Stage = stage.Name,
            Done = steps?.Done ?? (booked ? books.Done : meter?.Batches ?? 0),
            Total = steps?.Total ?? (form == StageForm.Whole ? 1 : Total(stage, books)),
            Step = steps?.Name ?? "batch",
            Reused = booked ? books.Reused : meter?.Reused ?? 0,
            Failed = booked ? books.Failed : meter?.Failed ?? 0,
            Items = booked ? books.Rows : meter?.Items ?? 0,
            Quarantined = booked ? books.Quarantined : meter?.Quarantined ?? 0,
            MicroBatchFill = meter?.Fill ?? double.NaN,
            BusySeconds = meter?.Busy.TotalSeconds ?? 0,
            State = State(stage, here, steps is not null),
        };
    }

    /// <summary>Of a stage that came late, or was removed, only the batches that passed it.</summary>
    private int Total(StageDefinition stage, StageTally books) =>
        !site.Topology.Current.IsPlain && keeper.IsDrained(stage.Name) ? books.Done + books.Failed : keeper.Total ?? 0;

    private string State(StageDefinition stage, ServedStage? here, bool began)
    {
        if (keeper.IsDrained(stage.Name))
        {
            return "done";
        }

        if (site.Topology.Current.Paused.Contains(stage.Name))
        {
            return "paused";
        }

        if (!site.IsServed(stage))
        {
            return "waiting for a host that serves it";
        }

        if (stopped.TryGetValue(stage.Name, out var told) && told.Done == keeper.Tally(stage.Name).Done)
        {
            return $"stopped: {told.Message.Reason}";
        }

        var missing = stage.Kind.Needs.Where(artifact => !site.Artifacts.ContainsKey(artifact));
        if (((IRunnableKind)stage.Kind).Form == StageForm.Whole && here is not null && !began)
        {
            missing = missing.Concat(stage.After.Where(before => !keeper.IsDrained(before)));
        }

        var list = string.Join(", ", missing);
        return list.Length > 0 ? $"waiting for {list}" : "running";
    }
}

using Pipeline.Messages;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Failures;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Ingest;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Topology;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Runs.Cluster;

/// <summary>What people ask of a cluster: submit, pause, resume and cancel runs. Declares the topology; hosts never do.</summary>
/// <param name="cluster">The store that the hosts share.</param>
/// <param name="transport">What carries the messages.</param>
public sealed class RunSubmitter(ClusterStore cluster, ITransport transport)
{
    /// <summary>After which a change that has a number and is not in force was made by somebody who is gone.</summary>
    private static readonly TimeSpan BeforeAbandoned = TimeSpan.FromSeconds(10);

    /// <summary>Weight of a run that is given none.</summary>
    public const int DefaultPriority = RunLane.DefaultWeight;

    /// <summary>Checks everything, then hands the run to the hosts. The same question finds the same run: one that is served goes on as it is, one that ended is begun again where it has gaps.</summary>
    /// <param name="settings">What is asked for; the output directory is the store's.</param>
    /// <param name="priority">The run's weight, 1 to 100.</param>
    /// <param name="stop">Ends the call early.</param>
    /// <returns>The run; <see cref="WantedState.Closed"/> when it is finished and nothing has changed.</returns>
    /// <exception cref="PipelineFileException">The pipeline is faulty; nothing was written.</exception>
    /// <exception cref="InputException">The input is faulty; nothing was written.</exception>
    /// <exception cref="InvalidDataException">The run is being served with other settings; nothing was written.</exception>
    public async Task<Submission> SubmitAsync(RunSettings settings, int priority, CancellationToken stop)
    {
        using var asked = AskedRun.Open(settings);
        var seed = settings.Seed ?? 0;
        var run = asked.Id(seed);
        var store = CrashPoint.Store(cluster.Output(run));
        var before = await asked.FindAsync(store, stop);
        var known = await cluster.TryFindAsync(run, stop);
        if (known?.Wanted is WantedState.Running or WantedState.Paused)
        {
            return known.Settings == asked.SettingsHash(seed)
                ? known
                : throw new InvalidDataException(
                    $"{run} is being served with other settings; a run must have ended before it is submitted with new ones. "
                        + $"Wait for it, or cancel it first: pipeline cancel {run} --store {cluster.Root} --broker ADDRESS"
                );
        }

        var listing = asked.StampAsync(stop);
        if (known is not null && await asked.IsDoneAsync(before, seed, store.Root, listing, stop))
        {
            return known with { Wanted = WantedState.Closed };
        }

        var submission = new Submission
        {
            Run = run,
            Sequence = (known?.Sequence ?? 0) + 1,
            Wanted = WantedState.Running,
            Input = asked.Input,
            InputRoot = asked.Source.Root,
            ClassNames = asked.Source.ClassNames,
            Seed = seed,
            Limit = settings.Limit,
            Follow = settings.Follow,
            Verify = settings.Verify,
            MaxFailedPercent = settings.MaxFailedPercent,
            Priority = priority,
            Settings = asked.SettingsHash(seed),
            Listing = await listing,
        };
        await BeginAsync(store, submission, asked, stop);
        await ServeAsync(submission, stop);
        return submission;
    }

    /// <summary>Hosts leave the run; its messages and files stay.</summary>
    /// <exception cref="InvalidDataException">There is no such run, or it has ended.</exception>
    public async Task<Submission> PauseAsync(string run, CancellationToken stop)
    {
        var paused = await OpenAsync(run, stop) with { Wanted = WantedState.Paused };
        await cluster.WriteAsync(paused, stop);
        await HostControl.AnnounceAsync(transport, new RunSubmitted { Run = run, Store = cluster.Root }, stop);
        return paused;
    }

    /// <summary>Hosts serve the run anew. What the broker lost is declared again, and what is to do is found in the store.</summary>
    /// <exception cref="InvalidDataException">There is no such run, or it has ended.</exception>
    public async Task<Submission> ResumeAsync(string run, CancellationToken stop)
    {
        var known = await OpenAsync(run, stop);
        var resumed = known with { Wanted = WantedState.Running, Sequence = known.Sequence + 1 };
        await ServeAsync(resumed, stop);
        return resumed;
    }

    /// <summary>Ends the run for good: hosts leave it, its exchange and queues go with their messages, its files stay.</summary>
    /// <exception cref="InvalidDataException">There is no such run, or it has ended.</exception>
    public async Task<Submission> CancelAsync(string run, CancellationToken stop)
    {
        var cancelled = await OpenAsync(run, stop) with { Wanted = WantedState.Closing };
        var store = CrashPoint.Store(cluster.Output(run));
        var file = await RunFile.ReadAsync(store, stop) ?? throw new InvalidDataException($"{run} has no run.json; it must have one.");
        await (file with { State = "cancelled" }).WriteAsync(store, stop);
        await cluster.WriteAsync(cancelled, stop);
        await HostControl.AnnounceAsync(transport, new RunClosed { Run = run }, stop);
        await RunTopology.RemoveAsync(transport, run, await cluster.PipelineAsync(run, stop), stop);
        return cancelled;
    }

    /// <summary>Changes the topology of a run that is being served: what is new is declared, then hosts are told.</summary>
    /// <param name="run">The run's id.</param>
    /// <param name="wanted">The change.</param>
    /// <param name="by">Who wants it.</param>
    /// <param name="clock">Dates it.</param>
    /// <param name="stop">Ends the call early; a change that has its number is put into force by the next one.</param>
    /// <exception cref="PipelineFileException">The pipeline would be faulty; nothing was changed.</exception>
    /// <exception cref="InvalidDataException">There is no such run, it has ended, somebody else changed it at the same time, or nothing would change.</exception>
    public async Task<TopologyVersion> ChangeAsync(string run, WantedChange wanted, string by, TimeProvider clock, CancellationToken stop)
    {
        await OpenAsync(run, stop);
        var versions = cluster.Versions(run);
        var change = new TopologyChange(versions, run);
        if (await versions.PendingAsync(stop) is { } left && left.At < clock.GetUtcNow() - BeforeAbandoned)
        {
            await change.EnactAsync(transport, stop);
        }

        var version = await change.ReserveAsync(wanted, by, clock, stop);
        await change.EnactAsync(transport, stop);
        await HostControl.AnnounceAsync(transport, new RunSubmitted { Run = run, Store = cluster.Root }, stop);
        return version;
    }

    /// <summary>Has hosts do again what replays have claimed: over the failed queue where the run is being served, else by opening it anew.</summary>
    /// <param name="run">The run's id.</param>
    /// <param name="batches">Failed batches that are claimed.</param>
    /// <param name="moved">Told after each batch how many are on their way.</param>
    /// <param name="stop">Ends the call early; what is claimed stays so, and the same command goes on.</param>
    /// <exception cref="InvalidDataException">There is no such run.</exception>
    public async Task<Submission> ReplayAsync(string run, IReadOnlyList<FailedBatch> batches, Action<int> moved, CancellationToken stop)
    {
        var known =
            await cluster.FindAsync(run, stop)
            ?? throw new InvalidDataException($"{run} is not in the store {cluster.Root}; it must be a submitted run. See: pipeline runs");
        var pipeline = await cluster.PipelineAsync(run, stop);
        if (known.Wanted is WantedState.Running or WantedState.Paused)
        {
            try
            {
                await new FailedMessages(transport, run, pipeline).MoveAsync(batches, moved, stop);
                return known;
            }
            catch (InvalidOperationException lost)
            {
                throw new InvalidDataException(
                    $"The broker does not hold the queues of {run} ({lost.Message}); it must while the run is served. "
                        + $"The batches are claimed; have them done: pipeline resume {run} --store {cluster.Root} --broker ADDRESS",
                    lost
                );
            }
        }

        var opened = await OpenAgainAsync(known, stop);
        moved(batches.Count);
        return opened;
    }

    /// <summary>Has hosts do a run again from its start: what is there is found, and what failed stays failed, unless a replay claimed it.</summary>
    /// <param name="run">The run's id.</param>
    /// <param name="open">What opens some of it; called before hosts are told.</param>
    /// <param name="stop">Ends the call early.</param>
    /// <exception cref="InvalidDataException">There is no such run, or it is being served.</exception>
    public async Task<Submission> OpenAgainAsync(string run, Func<Task> open, CancellationToken stop)
    {
        var known = await cluster.FindAsync(run, stop);
        if (known is null or { Wanted: WantedState.Running or WantedState.Paused })
        {
            throw new InvalidDataException(
                $"{run} is {(known is null ? "not in the store" : "being served")}; it must have ended. Wait for its end: pipeline status {run} --store {cluster.Root}"
            );
        }

        await open();
        return await OpenAgainAsync(known, stop);
    }

    private async Task<Submission> OpenAgainAsync(Submission known, CancellationToken stop)
    {
        var store = CrashPoint.Store(cluster.Output(known.Run));
        var file =
            await RunFile.ReadAsync(store, stop) ?? throw new InvalidDataException($"{known.Run} has no run.json; it must have one.");
        await (file with { State = "running", Fault = null }).WriteAsync(store, stop);
        await ArtifactFile.ClearAsync(store, stop);
        var opened = known with { Wanted = WantedState.Running, Sequence = known.Sequence + 1, KeepsFailed = true };
        await ServeAsync(opened, stop);
        return opened;
    }

    private async Task<Submission> OpenAsync(string run, CancellationToken stop) =>
        await cluster.FindAsync(run, stop) is { Wanted: WantedState.Running or WantedState.Paused } open
            ? open
            : throw new InvalidDataException(
                $"{run} has ended; it must be open. Submit it again to begin it anew: what is done is reused."
            );

    private async Task BeginAsync(FolderStore store, Submission submission, AskedRun asked, CancellationToken stop)
    {
        await new RunFile
        {
            Id = submission.Run,
            Pipeline = asked.Pipeline.Name,
            Input = submission.Input,
            Seed = submission.Seed,
            State = "running",
        }.WriteAsync(store, stop);
        await asked.WriteModelsAsync(store, stop);
        await cluster.Versions(submission.Run).BeginAsync(asked.Pipeline, stop);
        await ArtifactFile.ClearAsync(store, stop);
    }

    /// <summary>The topology first, then what hosts look at, then the word that there is something to look at.</summary>
    private async Task ServeAsync(Submission submission, CancellationToken stop)
    {
        await RunTopology.DeclareAsync(transport, submission.Run, await cluster.Versions(submission.Run).ReadAsync(stop), stop);
        if (await transport.DepthAsync(RunTopology.Lead(submission.Run), stop) is { Ready: 0, Unsettled: 0 })
        {
            await HostedRun.PassBatonAsync(transport, submission, cluster.Root, stop);
        }

        await cluster.WriteAsync(submission, stop);
        await HostControl.AnnounceAsync(transport, new RunSubmitted { Run = submission.Run, Store = cluster.Root }, stop);
    }
}

using System.CommandLine;
using System.Globalization;
using Pipeline.Messages;
using Pipeline.Models.Hub;
using Pipeline.Stages.Plugins;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Cluster;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Topology;
using Pipeline.Stages.Transport;

namespace Pipeline.Host.Commands.Topology;

/// <summary>A run whose topology a command changes: by the hosts that serve it, by the process that works in it, or in this one.</summary>
/// <param name="run">The run.</param>
/// <param name="catalog">The kinds that its pipeline may name.</param>
/// <param name="versions">Where its versions lie.</param>
/// <param name="history">Its topology as it was when the command began.</param>
/// <param name="streams">Where the command prints.</param>
internal sealed class RunChange(
    OpenRun run,
    StageCatalog catalog,
    TopologyStore versions,
    TopologyHistory history,
    InvocationConfiguration streams
) : IAsyncDisposable
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly string By = $"{Environment.UserName}@{Environment.MachineName}";
    private static readonly TimeProvider Clock = TimeProvider.System;
    private TopologyDifference? difference;

    /// <summary>Connects to the broker, for a run that hosts serve.</summary>
    public required Func<CancellationToken, Task<ITransport>> Connect { get; init; }

    /// <summary>What is wanted of a submitted run; null for a run in one process.</summary>
    public required Submission? Submission { get; init; }

    /// <summary>To which batches the change applies.</summary>
    public required TopologyFrom From { get; init; }

    /// <summary>What a person can do for a run that has ended, to which no batch comes any more.</summary>
    public required string Remedy { get; init; }

    /// <summary>Lines instead of a live table.</summary>
    public required bool IsPlain { get; init; }

    /// <summary>Where the pipeline's plugins come from; null for none.</summary>
    public required PluginSettings? Plugins { get; init; }

    /// <summary>The models on this machine.</summary>
    public required ModelLibrary Models { get; init; }

    /// <summary>The plugins; null for none. They go with the change.</summary>
    public required PluginFolder? Folder { get; init; }

    /// <summary>The kinds that the run's pipeline may name.</summary>
    public StageCatalog Catalog => catalog;

    /// <summary>The topology as it was when the command began.</summary>
    public TopologyHistory History => history;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Folder?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>Changes the pipeline, and says what changed.</summary>
    /// <param name="text">What is wanted, as it follows the word <c>to</c>: <c>remove blur</c>.</param>
    /// <param name="edit">Gives the pipeline as it shall be; throws where it cannot be.</param>
    /// <param name="stop">Ends the command.</param>
    public Task<int> MakeAsync(string text, Func<PipelineDefinition, PipelineDefinition> edit, CancellationToken stop)
    {
        return MakeAsync(new WantedChange(text, From, Edit), () => difference?.Sentence ?? text, stop);

        (PipelineDefinition, IReadOnlyList<string>) Edit(TopologyStep now)
        {
            var changed = edit(now.Pipeline);
            CheckKinds(now.Pipeline, changed);
            difference = TopologyDifference.Of(now.Pipeline, changed);
            foreach (var warning in difference.Warnings)
            {
                streams.Error.WriteLine($"warning: {warning}");
            }

            // What is removed still has to pass what older batches bring it.
            return (changed, [.. now.Paused.Where(stage => changed.Find(stage) is not null)]);
        }
    }

    /// <summary>Makes a change, and says what it came to.</summary>
    /// <param name="wanted">The change.</param>
    /// <param name="told">What was changed, as a sentence without its full stop; asked for when it is made.</param>
    /// <param name="stop">Ends the command.</param>
    public Task<int> MakeAsync(WantedChange wanted, Func<string> told, CancellationToken stop) =>
        run.Cluster is { } cluster ? OnHostsAsync(cluster, wanted, told, stop)
        : run.Directory.IsInUse ? BesideAsync(wanted, told, stop)
        : HereAsync(wanted, told, stop);

    private async Task<int> OnHostsAsync(ClusterStore cluster, WantedChange wanted, Func<string> told, CancellationToken stop)
    {
        var isOpen = Submission is { Wanted: WantedState.Running or WantedState.Paused };
        if (!isOpen)
        {
            RefuseLate(wanted);
        }

        await using var transport = await Connect(stop);
        var submitter = new RunSubmitter(cluster, transport);
        if (isOpen)
        {
            await TellAsync(await submitter.ChangeAsync(run.Id, wanted, By, Clock, stop), told);
            await WarnOfUnservedAsync(transport, stop);
        }
        else
        {
            await submitter.OpenAgainAsync(run.Id, () => EnactAsync(wanted, told, stop), stop);
        }

        if (Submission is { Wanted: WantedState.Paused })
        {
            await streams.Output.WriteLineAsync($"The run is paused. Then: pipeline resume {run.Shown}");
        }

        return ExitCode.Done;
    }

    /// <summary>Waits until hosts have come to the new stages, and says of which none does.</summary>
    private async Task WarnOfUnservedAsync(ITransport transport, CancellationToken stop)
    {
        if (Submission is not { Wanted: WantedState.Running } || difference is null)
        {
            return;
        }

        var asked = Clock.GetTimestamp();
        var ready = (await ArtifactFile.ReadAllAsync(run.Store, stop)).Select(artifact => artifact.Name).ToHashSet(StringComparer.Ordinal);
        var pipeline = (await versions.ReadAsync(stop)).Pipeline;
        foreach (
            var stage in difference
                .Added.Select(pipeline.Find)
                .OfType<StageDefinition>()
                .Where(stage => stage.Kind.Needs.All(ready.Contains))
        )
        {
            while (await transport.ConsumersAsync(RoutingKey.Queue(run.Id, stage.Name), stop) == 0)
            {
                if (Clock.GetElapsedTime(asked) > Patience)
                {
                    await streams.Error.WriteLineAsync(
                        $"warning: no host serves {stage.Name} yet, of the kind {stage.Kind.Name}; its batches wait. Start a host that has the kind, "
                            + $"with --plugins where it is a plugin's, and whose --stages names {stage.Name}, {stage.Kind.Name} or all."
                    );
                    break;
                }

                await Task.Delay(Glance, Clock, stop);
            }
        }
    }

    /// <summary>Asks the process that works in the directory, which looks for changes several times a second.</summary>
    private async Task<int> BesideAsync(WantedChange wanted, Func<string> told, CancellationToken stop)
    {
        var version = await new TopologyChange(versions, run.Id).ReserveAsync(wanted, By, Clock, stop);
        var asked = Clock.GetTimestamp();
        while ((await versions.CurrentAsync(stop) ?? 1) < version.Version)
        {
            if (Clock.GetElapsedTime(asked) > Patience)
            {
                await streams.Error.WriteLineAsync(
                    $"warning: version {Number(version)} ({version.Change}) is asked for, and the run's process has not taken it within "
                        + $"{Patience.TotalSeconds:0} s. It takes it when it goes on. See: pipeline graph {run.Shown}"
                );
                return ExitCode.FailedBatches;
            }

            await Task.Delay(Glance, Clock, stop);
        }

        await TellAsync(version, told);
        return ExitCode.Done;
    }

    /// <summary>No process works on the run: the version is put into force here, and for what is there the run goes on here too.</summary>
    private async Task<int> HereAsync(WantedChange wanted, Func<string> told, CancellationToken stop)
    {
        if (wanted.From == TopologyFrom.Start)
        {
            return await run.DoAgainAsync(() => EnactAsync(wanted, told, stop), Plugins, Models, IsPlain, streams.Output, stop);
        }

        if (run.Directory.State == "done")
        {
            RefuseLate(wanted);
        }

        using (OutputLock.Take(run.Directory.Root))
        {
            await EnactAsync(wanted, told, stop);
        }

        await streams.Output.WriteLineAsync("No process works on the run now. The command that began it goes on with it.");
        return ExitCode.Done;
    }

    private async Task EnactAsync(WantedChange wanted, Func<string> told, CancellationToken stop)
    {
        var change = new TopologyChange(versions, run.Id);
        // One that was asked for and never taken: nobody else is there to take it.
        await change.EnactAsync(null, stop);
        var version = await change.ReserveAsync(wanted, By, Clock, stop);
        await change.EnactAsync(null, stop);
        await TellAsync(version, told);
    }

    private void RefuseLate(WantedChange wanted)
    {
        if (wanted.From == TopologyFrom.Now)
        {
            throw new UsageException(
                $"{run.Shown} has ended and no batch comes any more; to {wanted.Text} from now on, it must be going on. {Remedy}"
            );
        }
    }

    /// <summary>Shards of a stage that the run once had lie under its name; another kind would write others beside them.</summary>
    private void CheckKinds(PipelineDefinition now, PipelineDefinition changed)
    {
        foreach (var stage in changed.Stages.Where(stage => now.Find(stage.Name) is null))
        {
            if (history.All.Find(stage.Name) is { } was && was.Kind.Name != stage.Kind.Name)
            {
                throw new UsageException(
                    $"{stage.Name} was a stage of the kind {was.Kind.Name} earlier in this run, and is to be one of the kind {stage.Kind.Name}; "
                        + "a name stands for one kind in a run. Choose another name."
                );
            }
        }
    }

    private Task TellAsync(TopologyVersion version, Func<string> told)
    {
        var isPipeline = version.Pipeline != PipelineFile.Write(history.Pipeline);
        var batches =
            !isPipeline ? ""
            : version.From == TopologyFrom.Start ? ", for every batch"
            : ", for batches that come from now on";
        return streams.Output.WriteLineAsync($"{told()}. Version {Number(version)} is in force{batches}. Next: pipeline graph {run.Shown}");
    }

    private static string Number(TopologyVersion version) => version.Version.ToString(CultureInfo.InvariantCulture);
}

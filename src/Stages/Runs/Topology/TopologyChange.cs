using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Runs.Topology;

/// <summary>What somebody wants to change of a run.</summary>
/// <param name="Text">In a sentence, for people.</param>
/// <param name="From">To which batches it applies.</param>
/// <param name="Edit">Gives the pipeline and the paused stages as they shall be, from those that are.</param>
public sealed record WantedChange(
    string Text,
    TopologyFrom From,
    Func<TopologyStep, (PipelineDefinition Pipeline, IReadOnlyList<string> Paused)> Edit
);

/// <summary>Changes the topology of one run: a number is taken, what is new is declared, the version is put into force.</summary>
/// <remarks>A version whose maker died before it was in force is put into force by whoever comes next.</remarks>
/// <param name="store">Where versions lie.</param>
/// <param name="run">The run's id.</param>
public sealed class TopologyChange(TopologyStore store, string run)
{
    /// <summary>Checks a change and takes a number for it. It is in force when <see cref="EnactAsync"/> has put it there.</summary>
    /// <param name="wanted">The change.</param>
    /// <param name="by">Who wants it.</param>
    /// <param name="clock">Dates it.</param>
    /// <param name="stop">Ends the call early.</param>
    /// <exception cref="PipelineFileException">The pipeline would be faulty; nothing was written.</exception>
    /// <exception cref="InvalidDataException">Somebody else changed the run at the same time, or it would change nothing; nothing was written.</exception>
    public async Task<TopologyVersion> ReserveAsync(WantedChange wanted, string by, TimeProvider clock, CancellationToken stop)
    {
        if (await store.PendingAsync(stop) is { } pending)
        {
            throw new InvalidDataException(
                $"Version {pending.Version} of the topology ({pending.Change}, by {pending.By}) is not in force yet; it must be before another change. Wait a few seconds and give the command again."
            );
        }

        var now = (await store.ReadAsync(stop)).Steps[^1];
        var (pipeline, paused) = wanted.Edit(now);
        if (pipeline == now.Pipeline && paused.SequenceEqual(now.Paused))
        {
            throw new InvalidDataException($"To {wanted.Text} changes nothing: {run} is so already. Look at it: pipeline graph");
        }

        var version = new TopologyVersion
        {
            Version = now.Version + 1,
            Change = wanted.Text,
            From = wanted.From,
            Pipeline = PipelineFile.Write(pipeline),
            Kinds = KindsFile.Of(pipeline),
            Paused = paused,
            By = by,
            At = clock.GetUtcNow(),
        };
        await store.ReserveAsync(version, stop);
        return version;
    }

    /// <summary>Puts the version that is pending into force, if there is one: declares what is new on a transport that carries the run, or on none.</summary>
    /// <returns>The version; null when none was pending.</returns>
    public async Task<TopologyVersion?> EnactAsync(ITransport? transport, CancellationToken stop)
    {
        if (await store.PendingAsync(stop) is not { } pending)
        {
            return null;
        }

        if (transport is not null)
        {
            var before = await store.ReadAsync(stop);
            await RunTopology.ChangeAsync(transport, run, before, store.With(before, pending), stop);
        }

        await store.MakeCurrentAsync(pending, stop);
        return pending;
    }

    /// <summary>How a run in one process reads its topology: it puts into force what somebody asked for meanwhile.</summary>
    /// <param name="transport">The run's.</param>
    internal Func<TopologyHistory, CancellationToken, Task<TopologyHistory?>> AdoptAsync(ITransport transport) =>
        async (known, stop) =>
        {
            await EnactAsync(transport, stop);
            return await store.ReadNewerAsync(known, stop);
        };
}

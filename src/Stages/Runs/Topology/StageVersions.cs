using Pipeline.Messages;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Runs.Topology;

/// <summary>How the batches of one stage are stamped, in a run whose topology may change.</summary>
/// <param name="topology">The run's.</param>
/// <param name="definition">The stage as it does them.</param>
/// <param name="isReplayed">True where a replay gave them other settings than the topology has.</param>
internal sealed class StageVersions(LiveTopology topology, StageDefinition definition, bool isReplayed) : IBatchVersions
{
    /// <inheritdoc/>
    public bool IsPlain => topology.Current.IsPlain;

    /// <inheritdoc/>
    public int Newest => topology.Current.Newest;

    /// <inheritdoc/>
    public int Stamp(int version) => topology.Current.Stamp(definition.Name, version);

    /// <inheritdoc/>
    public int Stands(int version, int made)
    {
        var history = topology.Current;
        return made >= history.Oldest && made <= history.Newest ? Math.Max(version, made) : Stamp(version);
    }

    /// <inheritdoc/>
    public bool IsSuperseded(BatchReady message) =>
        topology.Current is { IsPlain: false } history
        && (
            !history.Follows(definition.Name, message.Shards[^1].Stage, message.Version)
            || (!isReplayed && !definition.DoesAs(history.Find(definition.Name, message.Version)))
        );
}

using System.Collections.Concurrent;

namespace Pipeline.Stages.Flow;

/// <summary>The model calls of a host, for each kind of stage: the runs that it serves take turns, each in proportion to its weight.</summary>
public sealed class HostLanes
{
    private readonly ConcurrentDictionary<string, StageLanes> kinds = new(StringComparer.Ordinal);

    /// <summary>The lanes of one kind of stage, which its graphs share, whatever their run.</summary>
    public StageLanes Of(string kind) => kinds.GetOrAdd(kind, _ => new StageLanes());
}

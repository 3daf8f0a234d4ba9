using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Runs.Lineage;

/// <summary>A kind of stage over the whole run that can say what it did with one sample or variant.</summary>
public interface ITracedKind : IStageKind
{
    /// <summary>Looks at the files that the stage wrote; null when they are not there yet.</summary>
    Task<LineageTrace?> TraceAsync(
        StageDefinition stage,
        PipelineDefinition pipeline,
        LineageSubject subject,
        LineageShards shards,
        CancellationToken stop
    );
}

/// <summary>What a stage over the whole run did with one sample or variant.</summary>
/// <param name="State">What became of it.</param>
/// <param name="Reason">Why; null where the state says it all.</param>
/// <param name="Values">Facts by name.</param>
public sealed record LineageTrace(LineageState State, string? Reason, IReadOnlyDictionary<string, object?> Values)
{
    /// <summary>No facts beside the state.</summary>
    public LineageTrace(LineageState state)
        : this(state, null, new Dictionary<string, object?>(StringComparer.Ordinal)) { }
}

using System.Text.Json.Serialization;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Runs.Topology;

/// <summary>To which batches a change of a run's topology applies.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TopologyFrom>))]
public enum TopologyFrom
{
    /// <summary>To batches that come to it from now on; what was passed before stays as it is.</summary>
    Now,

    /// <summary>To every batch of the run: a new stage also runs over the shards that are there.</summary>
    Start,
}

/// <summary>One version of a run's topology, as it lies in <c>topology/{version:D4}.json</c>. Never written again.</summary>
public sealed record TopologyVersion
{
    /// <summary>Its number; 1 is the run's first. Batches are stamped with it.</summary>
    public required int Version { get; init; }

    /// <summary>What was changed, in a sentence.</summary>
    public required string Change { get; init; }

    /// <summary>To which batches the change applies.</summary>
    public required TopologyFrom From { get; init; }

    /// <summary>True for a pipeline that was asked for as a whole: no earlier version has a part in the run any more.</summary>
    public bool Begins { get; init; }

    /// <summary>The resolved pipeline, as a file.</summary>
    public required string Pipeline { get; init; }

    /// <summary>Manifests of the pipeline's kinds that are no part of the program, so that it can be read without the plugins.</summary>
    public IReadOnlyList<StageManifest> Kinds { get; init; } = [];

    /// <summary>Stages that take nothing until they are resumed.</summary>
    public IReadOnlyList<string> Paused { get; init; } = [];

    /// <summary>Who changed it, <c>user@machine</c>; null for the run's first.</summary>
    public string? By { get; init; }

    /// <summary>When it was changed; null for the run's first.</summary>
    public DateTimeOffset? At { get; init; }
}

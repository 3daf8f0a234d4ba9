using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Runs.Topology.Graph;

/// <summary>How busy a stage is, as far as it is known.</summary>
/// <param name="Stage">The stage's name.</param>
public sealed record StageActivity(string Stage)
{
    /// <summary>Messages in its queue; null when nobody says.</summary>
    public long? Waiting { get; init; }

    /// <summary>Rows or images a second; null when nobody says.</summary>
    public double? ItemsPerSecond { get; init; }

    /// <summary>In words, as <see cref="StageProgress.State"/>; null when nobody says.</summary>
    public string? State { get; init; }

    /// <summary>Whether a person paused the stage.</summary>
    public bool IsPaused { get; init; }

    /// <summary>What to show of the state: that it is paused comes first.</summary>
    public string ShownState => IsPaused ? "paused" : State ?? "";
}

/// <summary>A stage in a graph.</summary>
/// <param name="Name">The stage's name.</param>
/// <param name="Kind">Its kind; empty when that is its name.</param>
/// <param name="Activity">How busy it is; null when nothing is known.</param>
public sealed record GraphNode(string Name, string Kind, StageActivity? Activity);

/// <summary>An arrow in a graph.</summary>
/// <param name="From">The stage at its tail.</param>
/// <param name="To">The stage at its head.</param>
/// <param name="Artifact">Of a gate, the artifact that opens it; null where batches flow.</param>
public sealed record GraphEdge(string From, string To, string? Artifact);

/// <summary>A pipeline as a picture of stages and arrows, to be written as text, Mermaid or SVG.</summary>
/// <param name="Title">What it shows: a line.</param>
/// <param name="Nodes">The stages, in the order of the pipeline.</param>
/// <param name="Edges">The arrows, by the stage at their head; gates last.</param>
public sealed record TopologyGraph(string Title, IReadOnlyList<GraphNode> Nodes, IReadOnlyList<GraphEdge> Edges)
{
    /// <summary>The picture of a pipeline.</summary>
    /// <param name="title">What it shows: a line.</param>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="activity">How busy its stages are; none, or those of which something is known.</param>
    public static TopologyGraph Of(string title, PipelineDefinition pipeline, IReadOnlyList<StageActivity> activity)
    {
        var busy = activity.ToDictionary(stage => stage.Stage, StringComparer.Ordinal);
        return new TopologyGraph(
            title,
            [
                .. pipeline.Stages.Select(stage => new GraphNode(
                    stage.Name,
                    stage.Kind.Name == stage.Name ? "" : stage.Kind.Name,
                    busy.GetValueOrDefault(stage.Name)
                )),
            ],
            [.. Flows(pipeline), .. Gates(pipeline)]
        );
    }

    /// <summary>The stages that give this one batches, nearest in the order of its <c>after</c>.</summary>
    internal IEnumerable<string> Before(string node) =>
        Edges.Where(edge => edge.Artifact is null && edge.To == node).Select(edge => edge.From);

    private static IEnumerable<GraphEdge> Flows(PipelineDefinition pipeline) =>
        pipeline.Stages.SelectMany(stage => stage.After.Select(after => new GraphEdge(after, stage.Name, null)));

    private static IEnumerable<GraphEdge> Gates(PipelineDefinition pipeline) =>
        from stage in pipeline.Stages
        from need in stage.Kind.Needs
        from maker in pipeline.Stages
        where maker.Kind.Makes == need
        select new GraphEdge(maker.Name, stage.Name, need);
}

using Pipeline.Models.Hub;
using Pipeline.Stages.Isolation;
using Pipeline.Stages.Plugins;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Runs.Cluster;

/// <summary>What a host is asked for.</summary>
public sealed record HostSettings
{
    /// <summary>Names the host to people.</summary>
    public required string Name { get; init; }

    /// <summary>Names of the stages, or of their kinds, that it serves; null for all.</summary>
    public IReadOnlySet<string>? Stages { get; init; }

    /// <summary>How long it goes on with what it has begun when it is asked to stop.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Tries samples that bring the host down; null where none is tried alone.</summary>
    public ChildProgram? Child { get; init; }

    /// <summary>The models on this machine; a run's must be as they were where it was submitted.</summary>
    public ModelLibrary Models { get; init; } = ModelLibrary.Open(null);

    /// <summary>The plugins that it serves beside the program's own stages; null for none.</summary>
    public PluginFolder? Plugins { get; init; }

    /// <summary>How a kind of stage is served.</summary>
    public Precautions Precautions(IStageKind kind) => Plugins?.Precautions(kind) ?? Runs.Precautions.None;

    /// <summary>Whether it serves a stage: it is asked to, and can.</summary>
    public bool Serves(StageDefinition stage) =>
        stage.Kind is not ForeignKind && (Stages is null || Stages.Contains(stage.Name) || Stages.Contains(stage.Kind.Name));

    /// <summary>Whether it can lead a run: it serves all that is done once a run, not once a batch.</summary>
    public bool CanLead(PipelineDefinition pipeline) => pipeline.Stages.Where(stage => !IsShared(stage)).All(Serves);

    /// <summary>Whether a stage is served by every host that can, and not by the one that leads.</summary>
    public static bool IsShared(StageDefinition stage) => stage.Kind is IRunnableKind { Form: StageForm.Rows };
}

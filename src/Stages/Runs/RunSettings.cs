using Pipeline.Models.Hub;
using Pipeline.Stages.Isolation;
using Pipeline.Stages.Plugins;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Runs;

/// <summary>What a run is asked for.</summary>
public sealed record RunSettings
{
    /// <summary>A pipeline file or a preset's name.</summary>
    public required string Pipeline { get; init; }

    /// <summary>A folder or a manifest.</summary>
    public required string Input { get; init; }

    /// <summary>The output directory.</summary>
    public required string Output { get; init; }

    /// <summary>The seed; null for the one of the run in the output directory, or 0.</summary>
    public long? Seed { get; init; }

    /// <summary>Samples at the most; null for all.</summary>
    public int? Limit { get; init; }

    /// <summary><c>stage.option=value</c>, after the pipeline file.</summary>
    public IReadOnlyList<string> Sets { get; init; } = [];

    /// <summary>The models on this machine.</summary>
    public ModelLibrary Models { get; init; } = ModelLibrary.Open(null);

    /// <summary>The plugins that its pipeline may name, watched while it runs; null for none.</summary>
    public PluginFolder? Plugins { get; init; }

    /// <summary>How a kind of stage is served.</summary>
    public Precautions Precautions(IStageKind kind) => Plugins?.Precautions(kind) ?? Runs.Precautions.None;

    /// <summary>The kinds of stage that its pipeline may name, as of now.</summary>
    public StageCatalog Catalog => Plugins?.Catalog ?? RunSession.Catalog;

    /// <summary>Share of batches that may fail, percent.</summary>
    public double MaxFailedPercent { get; init; } = 5;

    /// <summary>Take images that come while it runs, until none has come for so long; null to take what is there.</summary>
    public TimeSpan? Follow { get; init; }

    /// <summary>Tries samples that bring the process down; null where none is tried alone.</summary>
    public ChildProgram? Child { get; init; }

    /// <summary>True when failed batches stay failed unless a replay has claimed them; false to try all of them again.</summary>
    public bool KeepsFailed { get; init; }

    /// <summary>True to open no connection, and to refuse an input that needs one.</summary>
    public bool Offline { get; init; }

    /// <summary>True to hash every file again.</summary>
    public bool Verify { get; init; }
}

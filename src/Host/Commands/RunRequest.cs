using Pipeline.Models.Hub;
using Pipeline.Stages.Plugins;

namespace Pipeline.Host.Commands;

/// <summary>What a person asked of <c>pipeline run</c>.</summary>
internal sealed record RunRequest
{
    /// <summary>A preset's name or the path of a YAML file.</summary>
    public required string Pipeline { get; init; }

    /// <summary>The data set: a folder or a manifest, as given.</summary>
    public required string Input { get; init; }

    /// <summary>The output directory, as given.</summary>
    public required string Output { get; init; }

    /// <summary>The run's seed, at least 0; null leaves it to the pipeline file.</summary>
    public long? Seed { get; init; }

    /// <summary>Samples taken from the input, at least 1; null takes all.</summary>
    public int? Limit { get; init; }

    /// <summary>Each <c>stage.option=value</c>, in the order given; the later of two wins.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>The plugins that the pipeline may name; null for none.</summary>
    public PluginSettings? Plugins { get; init; }

    /// <summary>The models on this machine.</summary>
    public ModelLibrary Models { get; init; } = ModelLibrary.Open(null);

    /// <summary>Print the resolved graph and estimates; write nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>Open no connection, and refuse an input that needs one.</summary>
    public bool Offline { get; init; }

    /// <summary>Lines instead of a live table.</summary>
    public bool Plain { get; init; }

    /// <summary>Failed batches in percent, 0 to 100, above which the run stops.</summary>
    public double MaxFailedPercent { get; init; } = RunCommand.DefaultMaxFailedPercent;

    /// <summary>Take images that come while it runs, until none has come for so long; null to take what is there.</summary>
    public TimeSpan? Follow { get; init; }

    /// <summary>Hash every input file again instead of trusting size and time.</summary>
    public bool Verify { get; init; }
}

/// <summary>What a person asked of <c>pipeline validate</c>.</summary>
/// <param name="Pipeline">A preset's name or the path of a YAML file.</param>
/// <param name="Settings">Each <c>stage.option=value</c>, in the order given.</param>
/// <param name="Plugins">The plugins that the pipeline may name; null for none.</param>
internal sealed record ValidateRequest(string Pipeline, IReadOnlyList<string> Settings, PluginSettings? Plugins = null)
{
    /// <summary>The models on this machine.</summary>
    public ModelLibrary Models { get; init; } = ModelLibrary.Open(null);
}

/// <summary>Does a run; gives the exit code.</summary>
/// <param name="request">Every argument, checked for its form.</param>
/// <param name="output">What is printed beside the live table.</param>
/// <param name="stop">Drain and give <see cref="ExitCode.Interrupted"/>.</param>
internal delegate Task<int> RunHandler(RunRequest request, TextWriter output, CancellationToken stop);

/// <summary>Checks a pipeline file; gives the exit code.</summary>
internal delegate Task<int> ValidateHandler(ValidateRequest request, TextWriter output, CancellationToken stop);

/// <summary>Lists the presets; gives the exit code.</summary>
internal delegate Task<int> PresetsHandler(TextWriter output, CancellationToken stop);

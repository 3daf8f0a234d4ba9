using Pipeline.Sdk;
using Pipeline.Stages.Seeing;

namespace Pipeline.Stages.Safety;

/// <summary>Settings of the safety check of edits.</summary>
public sealed record SafetyOptions : IStageOptions
{
    /// <summary>The checker, as <c>builtin:NAME</c>, <c>org/name[@revision]</c> or <c>path:DIR</c>.</summary>
    public string Model { get; init; } = CheckerChoice.BuiltIn;

    /// <summary>For a classifier: the sum of its unsafe classes at which an edit is flagged, over 0 and at most 1. The published concepts of a Stable Diffusion checker have lines of their own.</summary>
    public double Line { get; init; } = 0.5;

    /// <summary>Images in one model call, 1 to 256; shorter calls are padded to it.</summary>
    public int CallSize { get; init; } = 8;

    /// <summary>Threads of a model call, 1 to 256; 0 for one a core.</summary>
    public int Threads { get; init; }

    internal CheckerChoice Choice => new(Model, Line, CallSize, Threads);

    /// <inheritdoc/>
    IEnumerable<string> IStageOptions.Models => [Model];

    /// <inheritdoc/>
    public IEnumerable<string> Faults(string stage) => Choice.Faults(stage, "model", "line");
}

/// <summary>Settings of the safety check of originals.</summary>
public sealed record SafetyOriginalsOptions : IStageOptions
{
    /// <summary>The checker, as for edits.</summary>
    public string Model { get; init; } = CheckerChoice.BuiltIn;

    /// <summary>The sum of unsafe classes at which an original is flagged, over 0 and at most 1.</summary>
    public double Line { get; init; } = 0.5;

    /// <summary>Images in one model call, 1 to 256; shorter calls are padded to it.</summary>
    public int CallSize { get; init; } = 8;

    /// <summary>Threads of a model call, 1 to 256; 0 for one a core.</summary>
    public int Threads { get; init; }

    /// <summary>Whether a flagged original is left out of the data set and of training. Off: originals are the user's own, and a checker's errors on them are what the edits' rates are read against.</summary>
    public bool Drop { get; init; }

    internal CheckerChoice Choice => new(Model, Line, CallSize, Threads);

    /// <inheritdoc/>
    IEnumerable<string> IStageOptions.Models => [Model];

    /// <inheritdoc/>
    public IEnumerable<string> Faults(string stage) => Choice.Faults(stage, "model", "line");
}

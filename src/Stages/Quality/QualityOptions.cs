using Pipeline.Models.Hub;
using Pipeline.Sdk;
using Pipeline.Stages.Seeing;

namespace Pipeline.Stages.Quality;

/// <summary>Settings of the quality check of edits.</summary>
public sealed record QualityOptions : IEncoderOptions
{
    /// <summary>Limits by name: <c>instructdiffusion</c> (aesthetic score at least 5.5, gap at most 0.5, as its published keep-list is named); null for none.</summary>
    public string? Limits { get; init; }

    /// <summary>LAION's aesthetic predictor as safetensors, <c>org/name[@revision]</c> or <c>path:DIR</c>; null for no aesthetic score.</summary>
    public string? Aesthetic { get; init; }

    /// <summary>The least aesthetic score of an edit, about 1 to 10; null for that of <see cref="Limits"/>.</summary>
    public double? MinScore { get; init; }

    /// <summary>How much the scores of edit and source may differ at most, 0 or more; null for that of <see cref="Limits"/>.</summary>
    public double? MaxGap { get; init; }

    /// <summary>The least sharpness (variance of the Laplacian, squared grey levels); null for no limit.</summary>
    public double? MinSharpness { get; init; }

    /// <summary>The largest share of pixels that are nearly black or nearly white, 0 to 1; null for no limit.</summary>
    public double? MaxClipped { get; init; }

    /// <inheritdoc/>
    public string Model { get; init; } = EncoderFaults.DefaultModel;

    /// <inheritdoc/>
    public string Backend { get; init; } = "auto";

    /// <inheritdoc/>
    public string Dtype { get; init; } = "float32";

    /// <inheritdoc/>
    public string Preprocess { get; init; } = "exact";

    /// <inheritdoc/>
    public int CallSize { get; init; } = 16;

    /// <inheritdoc/>
    public int Threads { get; init; }

    /// <inheritdoc/>
    public string? Quantization { get; init; }

    /// <summary>The limits as they hold.</summary>
    internal QualityLimits Held =>
        new(
            MinScore ?? (IsInstructDiffusion ? QualityLimits.InstructDiffusion.MinScore : null),
            MaxGap ?? (IsInstructDiffusion ? QualityLimits.InstructDiffusion.MaxGap : null),
            MinSharpness,
            MaxClipped
        );

    private bool IsInstructDiffusion => Limits == QualityLimits.InstructDiffusionName;

    /// <inheritdoc/>
    IEnumerable<string> IStageOptions.Models => Aesthetic is null ? [] : [Model, Aesthetic];

    /// <inheritdoc/>
    public IEnumerable<string> Faults(string stage)
    {
        if (Limits is not (null or QualityLimits.InstructDiffusionName))
        {
            yield return $"{stage}.limits is {Limits}; it must be {QualityLimits.InstructDiffusionName}, or null. Set it in the pipeline file or with --set.";
        }

        if (Aesthetic is not null && ModelName.Fault(Aesthetic) is { } fault)
        {
            yield return $"{stage}.aesthetic is '{Aesthetic}': {fault}";
        }

        if (Aesthetic is null && Held is { MinScore: not null } or { MaxGap: not null })
        {
            yield return $"{stage}.aesthetic is null, and there is a limit on aesthetic scores; the predictor that gives them must be named. "
                + $"Set {stage}.aesthetic to LAION's weights as safetensors (pipeline models convert makes them), or take the limit away.";
        }

        if (MaxGap is { } gap && !(gap >= 0))
        {
            yield return $"{stage}.maxGap is {gap}; it must be 0 or more, or null. Set it in the pipeline file or with --set.";
        }

        if (MinSharpness is { } sharpness && !(sharpness >= 0))
        {
            yield return $"{stage}.minSharpness is {sharpness}; it must be 0 or more, or null. Set it in the pipeline file or with --set.";
        }

        if (MaxClipped is { } clipped && !(clipped is >= 0 and <= 1))
        {
            yield return $"{stage}.maxClipped is {clipped}; it must be between 0 and 1, or null. Set it in the pipeline file or with --set.";
        }

        foreach (var other in EncoderFaults.Of(stage, this))
        {
            yield return other;
        }
    }
}

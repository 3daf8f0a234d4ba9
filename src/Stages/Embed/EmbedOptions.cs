using Pipeline.Sdk;
using Pipeline.Stages.Seeing;

namespace Pipeline.Stages.Embed;

/// <summary>Settings of the embedding stages.</summary>
public sealed record EmbedOptions : IEncoderOptions
{
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

    /// <summary>Images decoded at one time, 1 to 256; 0 for one a core.</summary>
    [ContentNeutral]
    public int Workers { get; init; }

    /// <inheritdoc/>
    IEnumerable<string> IStageOptions.Models => [Model];

    /// <inheritdoc/>
    public IEnumerable<string> Faults(string stage)
    {
        foreach (var fault in EncoderFaults.Of(stage, this))
        {
            yield return fault;
        }

        if (Workers is < 0 or > 256)
        {
            yield return $"{stage}.workers is {Workers}; it must be between 0 (one a core) and 256. Set it in the pipeline file or with --set.";
        }
    }
}

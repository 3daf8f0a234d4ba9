using Pipeline.Sdk;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Seeing;

namespace Pipeline.Stages.Semantic;

/// <summary>Settings of the semantic filter.</summary>
public sealed record SemanticOptions : IEncoderOptions
{
    /// <summary>Published prompts: <c>cub</c>, <c>cub-txt2img</c>, <c>iwildcam</c>, <c>iwildcam-txt2img</c>, <c>waterbirds</c>, <c>planes</c>, or <c>library</c> (negatives alone); null for none.</summary>
    public string? Preset { get; init; }

    /// <summary>What an edit should show, taken as it is; in place of the preset's. One prompt at least, here or there.</summary>
    public IReadOnlyList<string> Tasks { get; init; } = [];

    /// <summary>What it should not; in place of the preset's or the library's.</summary>
    public IReadOnlyList<string> Negatives { get; init; } = [];

    /// <summary>What a source shows, <c>{}</c> for its class: the text from which an edit's prompt moves away.</summary>
    public string SourceText { get; init; } = "a photo of a {}";

    /// <summary>The least cosine of an edit to its source, -1 to 1; null for no limit.</summary>
    public double? MinImageToSource { get; init; }

    /// <summary>The least cosine of an edit to its own prompt, -1 to 1; null for no limit.</summary>
    public double? MinImageToPrompt { get; init; }

    /// <summary>The least cosine between the change of the image and the change of the text, -1 to 1; null for no limit.</summary>
    public double? MinDirectional { get; init; }

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

    /// <inheritdoc/>
    IEnumerable<string> IStageOptions.Models => [Model];

    /// <inheritdoc/>
    public IEnumerable<string> Faults(string stage)
    {
        (string Name, double? Value)[] limits =
        [
            ("minImageToSource", MinImageToSource),
            ("minImageToPrompt", MinImageToPrompt),
            ("minDirectional", MinDirectional),
        ];
        return
        [
            .. SemanticPrompts.Faults(stage, Preset, Tasks, Negatives),
            .. SourceText.Contains(ClassText.Place, StringComparison.Ordinal)
                ? Array.Empty<string>()
                :
                [
                    $"{stage}.sourceText is '{SourceText}'; it must hold {ClassText.Place} where the class goes. Set it in the pipeline file or with --set.",
                ],
            .. limits
                .Where(limit => limit.Value is { } value && !(value is >= -1 and <= 1))
                .Select(limit =>
                    FormattableString.Invariant(
                        $"{stage}.{limit.Name} is {limit.Value}; it must be between -1 and 1, or null. Set it in the pipeline file or with --set."
                    )
                ),
            .. EncoderFaults.Of(stage, this),
        ];
    }
}

/// <summary>Settings of the semantic filter's health figure.</summary>
public sealed record SemanticOriginalsOptions : IEncoderOptions
{
    /// <summary>Published prompts, as for the filter; null for none.</summary>
    public string? Preset { get; init; }

    /// <summary>What an image should show, in place of the preset's.</summary>
    public IReadOnlyList<string> Tasks { get; init; } = [];

    /// <summary>What it should not, in place of the preset's or the library's.</summary>
    public IReadOnlyList<string> Negatives { get; init; } = [];

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

    /// <inheritdoc/>
    IEnumerable<string> IStageOptions.Models => [Model];

    /// <inheritdoc/>
    public IEnumerable<string> Faults(string stage) =>
        [.. SemanticPrompts.Faults(stage, Preset, Tasks, Negatives), .. EncoderFaults.Of(stage, this)];
}

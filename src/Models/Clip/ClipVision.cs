using Pipeline.Models.Weights;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Pipeline.Models.Clip;

/// <summary>What the vision tower makes of images; float32, the caller disposes.</summary>
/// <param name="LastState">The states after the last layer, <c>[batch, positions, width]</c>, not normalised.</param>
/// <param name="Pooled">The class position, layer-normalised, <c>[batch, width]</c>.</param>
/// <param name="Projected">The embedding, not of length 1, <c>[batch, dimension]</c>; null in a tower without projection.</param>
public sealed record ClipVisionOutput(Tensor LastState, Tensor Pooled, Tensor? Projected) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        LastState.Dispose();
        Pooled.Dispose();
        Projected?.Dispose();
    }
}

/// <summary>CLIP's vision tower (Radford et al. 2021) with the names of transformers' <c>CLIPVisionTransformer</c>; usable alone, as the safety checker does.</summary>
/// <remarks>Several threads may call it. It computes in the type that it was made for.</remarks>
public sealed class ClipVision : nn.Module
{
    private readonly Embeddings embeddings;
    private readonly StateNorm pre_layrnorm;
    private readonly StateNorm post_layernorm;
    private readonly ClipStack encoder;
    private readonly Dense? projection;
    private readonly ScalarType type;

    internal ClipVision(ClipVisionConfig config, long? dimension, ScalarType type, Device device)
        : base(nameof(ClipVision))
    {
        Config = config;
        this.type = type;
        embeddings = new Embeddings(config, type, device);
        pre_layrnorm = new StateNorm(config.Tower.Width, config.Tower.Epsilon, device);
        post_layernorm = new StateNorm(config.Tower.Width, config.Tower.Epsilon, device);
        encoder = new ClipStack(config.Tower, type, device);
        projection = dimension is { } outputs ? new Dense(config.Tower.Width, outputs, hasBias: false, type, device) : null;
        RegisterComponents();
    }

    /// <summary>Its sizes.</summary>
    public ClipVisionConfig Config { get; }

    /// <summary>Takes a tower out of a file; tensors that neither begin with the prefix nor are the projection are left to others.</summary>
    /// <param name="config">Its sizes.</param>
    /// <param name="weights">Open; stays the caller's.</param>
    /// <param name="prefix">What its names begin with: <c>vision_model.</c>, or <c>vision_model.vision_model.</c> in the safety checker.</param>
    /// <param name="projection">The name of the projection's matrix, such as <c>visual_projection.weight</c>, and its outputs; null for none.</param>
    /// <param name="compute">What it computes in; float32 when null.</param>
    /// <exception cref="InvalidDataException">A tensor is missing, unknown or of another shape or type; the message names all of them.</exception>
    public static ClipVision Load(
        ClipVisionConfig config,
        IWeights weights,
        string prefix,
        (string Name, int Outputs)? projection,
        ComputeType? compute = null
    ) =>
        TowerWeights.Load(
            weights,
            device => new ClipVision(config, projection?.Outputs, (compute ?? ComputeType.Float32).Scalar, device),
            tower => tower.Targets(prefix, projection?.Name),
            name => name.StartsWith(prefix, StringComparison.Ordinal)
        );

    /// <summary>Runs the tower.</summary>
    /// <param name="pixels"><c>[batch, 3, size, size] float32</c>, RGB, normalised; stays the caller's.</param>
    public ClipVisionOutput Forward(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        var last = encoder.Forward(Begin(pixels), mask: null, causal: false);
        var pooled = post_layernorm.forward(last.select(1, 0));
        return new ClipVisionOutput(
            scope.MoveToOuter(last.to(ScalarType.Float32)),
            scope.MoveToOuter(pooled.to(ScalarType.Float32)),
            projection is null ? null : scope.MoveToOuter(projection.forward(pooled).to(ScalarType.Float32))
        );
    }

    /// <summary>The states before the first layer and after each; the caller disposes.</summary>
    internal IEnumerable<Tensor> Hidden(Tensor pixels) => encoder.Each(Begin(pixels), mask: null, causal: false);

    /// <summary>Every tensor of the tower under its name in a file.</summary>
    internal IEnumerable<(string Name, Tensor Target)> Targets(string prefix, string? projectionName)
    {
        foreach (var (name, target) in state_dict())
        {
            yield return (name == "projection.weight" ? projectionName ?? name : prefix + name, target);
        }
    }

    private Tensor Begin(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(pre_layrnorm.forward(embeddings.Forward(pixels.to(type))));
    }

    private sealed class Embeddings : nn.Module
    {
        private readonly Parameter class_embedding;
        private readonly Table patch_embedding;
        private readonly Table position_embedding;
        private readonly long patch;

        public Embeddings(ClipVisionConfig config, ScalarType type, Device device)
            : base(nameof(Embeddings))
        {
            var width = config.Tower.Width;
            patch = config.PatchSize;
            class_embedding = new Parameter(empty(width, dtype: type, device: device));
            patch_embedding = new Table([width, 3, patch, patch], type, device);
            position_embedding = new Table([config.Positions, width], type, device);
            RegisterComponents();
        }

        public Tensor Forward(Tensor pixels)
        {
            using var scope = NewDisposeScope();
            var cells = nn.functional.conv2d(pixels, patch_embedding.Weight, strides: [patch, patch]).flatten(2).transpose(1, 2);
            var first = class_embedding.expand(cells.shape[0], 1, -1);
            return scope.MoveToOuter(cat([first, cells], 1) + position_embedding.Weight);
        }
    }
}

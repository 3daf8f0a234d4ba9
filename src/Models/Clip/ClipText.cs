using TorchSharp;
using static TorchSharp.torch;

namespace Pipeline.Models.Clip;

/// <summary>What the text tower makes of token ids; float32, the caller disposes.</summary>
/// <param name="LastState">The states after the last layer, layer-normalised, <c>[batch, positions, width]</c>.</param>
/// <param name="Pooled">The state at the end token, <c>[batch, width]</c>.</param>
/// <param name="Projected">The embedding, not of length 1, <c>[batch, dimension]</c>; null in a tower without projection.</param>
internal sealed record ClipTextOutput(Tensor LastState, Tensor Pooled, Tensor? Projected);

/// <summary>CLIP's text tower (Radford et al. 2021) with the names of transformers' <c>CLIPTextTransformer</c>.</summary>
internal sealed class ClipText : nn.Module
{
    private readonly Embeddings embeddings;
    private readonly ClipStack encoder;
    private readonly StateNorm final_layer_norm;
    private readonly Dense? projection;

    public ClipText(ClipTextConfig config, long? dimension, ScalarType type, Device device)
        : base(nameof(ClipText))
    {
        Config = config;
        embeddings = new Embeddings(config, type, device);
        encoder = new ClipStack(config.Tower, type, device);
        final_layer_norm = new StateNorm(config.Tower.Width, config.Tower.Epsilon, device);
        projection = dimension is { } outputs ? new Dense(config.Tower.Width, outputs, hasBias: false, type, device) : null;
        RegisterComponents();
    }

    /// <summary>Its sizes.</summary>
    public ClipTextConfig Config { get; }

    /// <summary>Runs the tower.</summary>
    /// <param name="ids"><c>[batch, positions] int64</c>.</param>
    /// <param name="attention"><c>[batch, positions] int64</c>, 0 where nothing may look; null when every id may be seen. A pooled state is equal either way where only what follows the end is 0.</param>
    public ClipTextOutput Forward(Tensor ids, Tensor? attention)
    {
        using var scope = NewDisposeScope();
        var mask = attention is null ? null : Mask(attention, embeddings.Type);
        var last = final_layer_norm.forward(encoder.Forward(embeddings.Forward(ids), mask, causal: mask is null));
        var pooled = last.index(TensorIndex.Tensor(arange(ids.shape[0], device: ids.device)), TensorIndex.Tensor(Ends(ids)));
        return new ClipTextOutput(
            scope.MoveToOuter(last.to(ScalarType.Float32)),
            scope.MoveToOuter(pooled.to(ScalarType.Float32)),
            projection is null ? null : scope.MoveToOuter(projection.forward(pooled).to(ScalarType.Float32))
        );
    }

    /// <summary>The states before the first layer and after each, not normalised; the caller disposes.</summary>
    internal IEnumerable<Tensor> Hidden(Tensor ids, Tensor? attention) =>
        encoder.Each(embeddings.Forward(ids), attention is null ? null : Mask(attention, embeddings.Type), causal: attention is null);

    /// <summary>Every tensor of the tower under its name in a file.</summary>
    internal IEnumerable<(string Name, Tensor Target)> Targets(string prefix, string? projectionName)
    {
        foreach (var (name, target) in state_dict())
        {
            yield return (name == "projection.weight" ? projectionName ?? name : prefix + name, target);
        }
    }

    /// <summary>The place that is pooled, as transformers 4.32 has it: the highest id's first, or the end token's first where the configuration names it.</summary>
    private Tensor Ends(Tensor ids) =>
        Config.EndToken == ClipTextConfig.LegacyEndToken ? ids.argmax(-1) : ids.eq(Config.EndToken).to(ScalarType.Int32).argmax(-1);

    /// <summary>Minus infinity where a position may not look: at what follows it and at what is masked.</summary>
    private static Tensor Mask(Tensor attention, ScalarType type)
    {
        using var scope = NewDisposeScope();
        var length = attention.shape[1];
        var past = ones([length, length], ScalarType.Bool, attention.device).tril();
        var seen = past.logical_and(attention.to(ScalarType.Bool).view(-1, 1, 1, length));
        var mask = zeros(seen.shape, type, attention.device).masked_fill_(seen.logical_not(), float.NegativeInfinity);
        return scope.MoveToOuter(mask);
    }

    private sealed class Embeddings : nn.Module
    {
        private readonly Table token_embedding;
        private readonly Table position_embedding;

        public Embeddings(ClipTextConfig config, ScalarType type, Device device)
            : base(nameof(Embeddings))
        {
            Type = type;
            token_embedding = new Table([config.Vocabulary, config.Tower.Width], type, device);
            position_embedding = new Table([config.Positions, config.Tower.Width], type, device);
            RegisterComponents();
        }

        public ScalarType Type { get; }

        public Tensor Forward(Tensor ids)
        {
            using var scope = NewDisposeScope();
            var known = token_embedding.Weight.index_select(0, ids.flatten()).view(ids.shape[0], ids.shape[1], -1);
            return scope.MoveToOuter(known + position_embedding.Weight.narrow(0, 0, ids.shape[1]));
        }
    }
}

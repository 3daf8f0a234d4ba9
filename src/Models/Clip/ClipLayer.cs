using TorchSharp;
using static TorchSharp.torch;

namespace Pipeline.Models.Clip;

/// <summary>One pre-norm transformer layer, with transformers' names (<c>self_attn.q_proj</c>, <c>mlp.fc1</c>, <c>layer_norm1</c>).</summary>
internal sealed class ClipLayer : nn.Module
{
    private readonly Attention self_attn;
    private readonly Perceptron mlp;
    private readonly StateNorm layer_norm1;
    private readonly StateNorm layer_norm2;

    public ClipLayer(ClipTower tower, ScalarType type, Device device)
        : base(nameof(ClipLayer))
    {
        self_attn = new Attention(tower, type, device);
        mlp = new Perceptron(tower, type, device);
        layer_norm1 = new StateNorm(tower.Width, tower.Epsilon, device);
        layer_norm2 = new StateNorm(tower.Width, tower.Epsilon, device);
        RegisterComponents();
    }

    /// <summary>States <c>[batch, positions, width]</c> to states; the caller disposes.</summary>
    /// <param name="states">The layer's input.</param>
    /// <param name="mask">Added to the attention's logits, <c>[batch, 1, positions, positions]</c>; null for none.</param>
    /// <param name="causal">Whether a position sees none after it; only without a mask.</param>
    public Tensor Forward(Tensor states, Tensor? mask, bool causal)
    {
        using var scope = NewDisposeScope();
        var between = Sum(self_attn.Forward(layer_norm1.forward(states), mask, causal), states);
        return scope.MoveToOuter(Sum(mlp.Forward(layer_norm2.forward(between)), between));
    }

    private static Tensor Sum(Tensor fresh, Tensor states) => is_grad_enabled() ? fresh + states : fresh.add_(states);

    private sealed class Attention : nn.Module
    {
        private readonly long heads;
        private readonly Dense q_proj;
        private readonly Dense k_proj;
        private readonly Dense v_proj;
        private readonly Dense out_proj;

        public Attention(ClipTower tower, ScalarType type, Device device)
            : base(nameof(Attention))
        {
            heads = tower.Heads;
            (q_proj, k_proj, v_proj, out_proj) = (Square(), Square(), Square(), Square());
            RegisterComponents();

            Dense Square() => new(tower.Width, tower.Width, hasBias: true, type, device);
        }

        public Tensor Forward(Tensor states, Tensor? mask, bool causal)
        {
            using var scope = NewDisposeScope();
            var (batch, positions, width) = (states.shape[0], states.shape[1], states.shape[2]);
            var mixed = nn.functional.scaled_dot_product_attention(Split(q_proj), Split(k_proj), Split(v_proj), mask, 0, causal);
            return scope.MoveToOuter(out_proj.forward(mixed.transpose(1, 2).reshape(batch, positions, width)));

            Tensor Split(Dense map) => map.forward(states).view(batch, positions, heads, width / heads).transpose(1, 2);
        }
    }

    private sealed class Perceptron : nn.Module
    {
        private readonly ClipActivation activation;
        private readonly Dense fc1;
        private readonly Dense fc2;

        public Perceptron(ClipTower tower, ScalarType type, Device device)
            : base(nameof(Perceptron))
        {
            activation = tower.Activation;
            fc1 = new Dense(tower.Width, tower.Hidden, hasBias: true, type, device);
            fc2 = new Dense(tower.Hidden, tower.Width, hasBias: true, type, device);
            RegisterComponents();
        }

        public Tensor Forward(Tensor states)
        {
            using var scope = NewDisposeScope();
            var hidden = fc1.forward(states);
            var bent = activation == ClipActivation.Gelu ? nn.functional.gelu(hidden) : QuickGelu(hidden);
            return scope.MoveToOuter(fc2.forward(bent));
        }

        /// <summary>Where no gradient is wanted, the gate's own memory takes the product: the largest tensor of a layer is written once less.</summary>
        private static Tensor QuickGelu(Tensor hidden)
        {
            var gate = (hidden * 1.702).sigmoid_();
            return is_grad_enabled() ? hidden * gate : gate.mul_(hidden);
        }
    }
}

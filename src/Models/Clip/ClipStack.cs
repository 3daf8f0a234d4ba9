using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Pipeline.Models.Clip;

/// <summary>The layers of a tower, named <c>layers.0</c> and on.</summary>
internal sealed class ClipStack : nn.Module
{
    private readonly ModuleList<ClipLayer> layers = [];

    public ClipStack(ClipTower tower, ScalarType type, Device device)
        : base(nameof(ClipStack))
    {
        for (var index = 0; index < tower.Layers; index++)
        {
            layers.Add(new ClipLayer(tower, type, device));
        }

        RegisterComponents();
    }

    /// <summary>The states after the last layer; the caller disposes.</summary>
    public Tensor Forward(Tensor states, Tensor? mask, bool causal)
    {
        var current = states;
        foreach (var layer in layers)
        {
            var next = layer.Forward(current, mask, causal);
            if (!ReferenceEquals(current, states) && !is_grad_enabled())
            {
                current.Dispose();
            }

            current = next;
        }

        return current;
    }

    /// <summary>The input and the states after each layer, computed as they are asked for; the caller disposes.</summary>
    public IEnumerable<Tensor> Each(Tensor states, Tensor? mask, bool causal)
    {
        yield return states;
        foreach (var layer in layers)
        {
            states = layer.Forward(states, mask, causal);
            yield return states;
        }
    }
}

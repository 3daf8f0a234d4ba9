using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Pipeline.Models.Clip;

/// <summary>Layer normalisation over the last axis. Its weights and its statistics are float32 whatever the tower computes in.</summary>
internal sealed class StateNorm : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly Parameter bias;
    private readonly double epsilon;

    public StateNorm(long width, double epsilon, Device device)
        : base(nameof(StateNorm))
    {
        this.epsilon = epsilon;
        weight = new Parameter(empty(width, dtype: ScalarType.Float32, device: device));
        bias = new Parameter(empty(width, dtype: ScalarType.Float32, device: device));
        RegisterComponents();
    }

    /// <summary>Of the shape and type of the input.</summary>
    public override Tensor forward(Tensor input)
    {
        if (input.dtype == ScalarType.Float32)
        {
            return nn.functional.layer_norm(input, weight.shape, weight, bias, epsilon);
        }

        using var scope = NewDisposeScope();
        var exact = nn.functional.layer_norm(input.to(ScalarType.Float32), weight.shape, weight, bias, epsilon);
        return scope.MoveToOuter(exact.to(input.dtype));
    }
}

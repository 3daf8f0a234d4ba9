using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Pipeline.Models.Clip;

/// <summary>An affine map with transformers' names <c>weight</c> and <c>bias</c>. It is made without values: they come from a file.</summary>
internal sealed class Dense : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly Parameter? bias;

    public Dense(long inputs, long outputs, bool hasBias, ScalarType type, Device device)
        : base(nameof(Dense))
    {
        weight = new Parameter(empty(outputs, inputs, dtype: type, device: device));
        if (hasBias)
        {
            bias = new Parameter(empty(outputs, dtype: type, device: device));
        }

        RegisterComponents();
    }

    /// <summary><c>[.., inputs]</c> to <c>[.., outputs]</c>.</summary>
    public override Tensor forward(Tensor input) => nn.functional.linear(input, weight, bias);
}

using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Pipeline.Models.Clip;

/// <summary>One tensor under the name <c>weight</c>: an embedding table, or a convolution's kernel. Made without values.</summary>
internal sealed class Table : nn.Module
{
    private readonly Parameter weight;

    public Table(long[] shape, ScalarType type, Device device)
        : base(nameof(Table))
    {
        weight = new Parameter(empty(shape, dtype: type, device: device));
        RegisterComponents();
    }

    /// <summary>The tensor; it stays the table's.</summary>
    public Tensor Weight => weight;
}

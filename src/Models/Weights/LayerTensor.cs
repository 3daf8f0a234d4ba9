using System.Reflection;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Pipeline.Models.Weights;

/// <summary>Gives a layer another tensor in place of the one that it was made with.</summary>
/// <remarks>TorchSharp has no assignment by name; its layers have a property for each tensor (<c>weight</c>, <c>running_mean</c>), which registers what it is given.</remarks>
internal static class LayerTensor
{
    /// <summary>Puts <paramref name="value"/> in the place of <paramref name="name"/>, which owns it from then on; the old tensor is disposed.</summary>
    /// <exception cref="InvalidOperationException">The layer has no property of that name: make the tensor on a device, not on META.</exception>
    public static void Replace(nn.Module module, string name, Tensor value, bool requiresGradient)
    {
        var dot = name.LastIndexOf('.');
        var owner = dot < 0 ? module : module.named_modules().First(item => item.name == name[..dot]).module;
        var property = owner.GetType().GetProperty(name[(dot + 1)..], BindingFlags.Public | BindingFlags.Instance);
        if (property is not { CanWrite: true } || !property.PropertyType.IsAssignableTo(typeof(Tensor)))
        {
            throw new InvalidOperationException(
                $"{owner.GetType().Name}.{name[(dot + 1)..]} is no property that takes a tensor; a tensor on META, or one that changes its type, must have one. "
                    + "Make it on a device, or give the layer a property of that name that registers what it is given."
            );
        }

        property.SetValue(
            owner,
            property.PropertyType == typeof(Parameter) ? new Parameter(value, requiresGradient) : value.DetachFromDisposeScope()
        );
    }
}

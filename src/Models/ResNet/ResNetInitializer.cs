using System.IO.Hashing;
using System.Text;
using static TorchSharp.torch;

namespace Pipeline.Models.ResNet;

/// <summary>Fresh weights for a ResNet, torchvision's distributions: convolutions He et al. 2015 normal by fan-out, normalisation 1 and 0, head uniform.</summary>
internal static class ResNetInitializer
{
    /// <summary>Overwrites every parameter and buffer of <paramref name="model"/>, which lies on the CPU.</summary>
    public static void Fill(ResNetModel model, ulong seed)
    {
        foreach (var (name, tensor) in model.State())
        {
            Fill(name, tensor, model.FeatureCount, seed);
        }
    }

    /// <summary>Overwrites one named tensor; torch's global generator is neither used nor changed by what is drawn here.</summary>
    public static void Fill(string name, Tensor tensor, int featureCount, ulong seed)
    {
        using var quiet = no_grad();
        if (tensor.Dimensions == 4)
        {
            using var generator = Keyed(name, seed);
            var fanOut = tensor.shape[0] * tensor.shape[2] * tensor.shape[3];
            tensor.normal_(0, Math.Sqrt(2.0 / fanOut), generator);
        }
        else if (name is "fc.weight" or "fc.bias")
        {
            using var generator = Keyed(name, seed);
            var bound = 1 / Math.Sqrt(featureCount);
            tensor.uniform_(-bound, bound, generator);
        }
        else
        {
            tensor.fill_(
                name.EndsWith(".weight", StringComparison.Ordinal) || name.EndsWith("running_var", StringComparison.Ordinal) ? 1 : 0
            );
        }
    }

    private static Generator Keyed(string name, ulong seed) => new(XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(name), (long)seed), CPU);
}

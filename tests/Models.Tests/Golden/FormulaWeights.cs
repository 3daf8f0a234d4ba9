using System.Text;
using Pipeline.Models.ResNet;
using static TorchSharp.torch;

namespace Pipeline.Models.Tests.Golden;

/// <summary>Weights that are a formula of their name, as FORMULA.txt beside the resnet50 case states it.</summary>
public static class FormulaWeights
{
    public static void Fill(ResNetModel model, uint salt)
    {
        using var quiet = no_grad();
        var lastNorm = model.Architecture == "resnet50" ? ".bn3.weight" : ".bn2.weight";
        foreach (var (name, target) in model.State())
        {
            if (name.EndsWith("num_batches_tracked", StringComparison.Ordinal))
            {
                target.zero_();
                continue;
            }

            var (a, b) = Range(name, target.shape, lastNorm);
            target.copy_(Values(name, target.shape, salt, a, b));
        }
    }

    public static Tensor Input(long[] shape, uint salt) => Values("input", shape, salt, 0, 1.7);

    private static (double A, double B) Range(string name, long[] shape, string lastNorm) =>
        name switch
        {
            _ when shape.Length == 4 => (0, Math.Sqrt(6.0 / (shape[1] * shape[2] * shape[3]))),
            "fc.weight" => (0, Math.Sqrt(3.0 / shape[1]) * 4),
            "fc.bias" => (0, 0.5),
            _ when name.EndsWith("running_mean", StringComparison.Ordinal) => (0, 0.2),
            _ when name.EndsWith("running_var", StringComparison.Ordinal) => (1, 0.5),
            _ when name.EndsWith(".bias", StringComparison.Ordinal) => (0, 0.1),
            _ when name.EndsWith(lastNorm, StringComparison.Ordinal) => (0.35, 0.1),
            _ => (1, 0.2),
        };

    private static Tensor Values(string name, long[] shape, uint salt, double a, double b)
    {
        var seed = 2166136261u;
        foreach (var symbol in Encoding.UTF8.GetBytes(name))
        {
            seed = (seed ^ symbol) * 16777619u;
        }

        seed ^= salt;
        var values = new float[shape.Aggregate(1L, (product, size) => product * size)];
        for (var index = 0; index < values.Length; index++)
        {
            var x = seed + (uint)(index + 1) * 2654435769u;
            x = (x ^ (x >> 16)) * 2246822507u;
            x = (x ^ (x >> 13)) * 3266489909u;
            x ^= x >> 16;
            values[index] = (float)(a + b * (x / 2147483648.0 - 1.0));
        }

        return tensor(values, shape);
    }
}

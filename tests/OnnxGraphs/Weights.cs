using System.IO.Hashing;
using System.Text;

namespace Pipeline.OnnxGraphs;

/// <summary>Gives the values of a weight by its name in the published checkpoints, in their layout (a linear layer's is <c>[out, in]</c>).</summary>
public delegate float[] WeightOf(string name, IReadOnlyList<long> shape);

/// <summary>Weights that are drawn from a seed and the weight's name alone.</summary>
public static class Weights
{
    /// <summary>Norms near 1 and 0, biases of 0.02, matrices about normal with a deviation of <c>1 / sqrt(inputs)</c>.</summary>
    public static WeightOf Seeded(ulong seed) => (name, shape) => Draw(seed, name, shape);

    private static float[] Draw(ulong seed, string name, IReadOnlyList<long> shape)
    {
        var count = shape.Aggregate(1L, (product, size) => product * size);
        var inputs = shape.Skip(1).Aggregate(1L, (product, size) => product * size);
        var isNorm =
            shape.Count == 1 && name.EndsWith("weight", StringComparison.Ordinal) && name.Contains("norm", StringComparison.Ordinal);
        var (middle, deviation) =
            isNorm ? (1f, 0.1f)
            : shape.Count <= 1 ? (0f, 0.02f)
            : name.Contains("embedding", StringComparison.Ordinal) && shape.Count == 2 ? (0f, 0.5f)
            : (0f, (float)(1 / Math.Sqrt(inputs)));
        var state = XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(name), (long)seed);
        var values = new float[count];
        for (var index = 0; index < values.Length; index++)
        {
            values[index] = middle + deviation * Normal(ref state);
        }

        return values;
    }

    /// <summary>The sum of four even draws, of middle 0 and deviation 1; SplitMix64 (Steele et al. 2014) gives the bits.</summary>
    private static float Normal(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        var bits = state;
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        bits ^= bits >> 31;
        var sum = (bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) + ((bits >> 32) & 0xFFFF) + (bits >> 48);
        return (sum / 65535f - 2f) * 1.7320508f;
    }
}

using Pipeline.Models.Weights;
using static TorchSharp.torch;

namespace Pipeline.Models.Quality;

/// <summary><c>y = W x + b</c>, kept and summed in double precision.</summary>
internal sealed class AffineMap
{
    private readonly double[] weights;
    private readonly double[] bias;

    private AffineMap(int inputs, double[] weights, double[] bias)
    {
        Inputs = inputs;
        this.weights = weights;
        this.bias = bias;
    }

    /// <summary>Length of x.</summary>
    public int Inputs { get; }

    /// <summary>Length of y.</summary>
    public int Outputs => bias.Length;

    /// <summary>Reads <c>{prefix}weight</c> [outputs, inputs] and <c>{prefix}bias</c> [outputs], of any floating type.</summary>
    /// <exception cref="InvalidDataException">A tensor is missing or of another shape or type; the message names file and tensor.</exception>
    public static AffineMap Read(SafetensorsFile file, string prefix)
    {
        using var scope = NewDisposeScope();
        var matrix = Floating(file, prefix + "weight", 2);
        var offset = Floating(file, prefix + "bias", 1);
        if (matrix.shape[0] != offset.shape[0] || matrix.shape[0] < 1 || matrix.shape[1] < 1)
        {
            throw new InvalidDataException(
                $"{file.Path}: {prefix}weight is [{string.Join(", ", matrix.shape)}] and {prefix}bias is [{offset.shape[0]}]; "
                    + "they must be [outputs, inputs] and [outputs]. Convert the published file again."
            );
        }

        return new AffineMap((int)matrix.shape[1], Values(matrix), Values(offset));
    }

    /// <summary>The map that gives what this gives for what <paramref name="inner"/> gives.</summary>
    public AffineMap After(AffineMap inner)
    {
        var product = new double[Outputs * inner.Inputs];
        var sum = new double[Outputs];
        for (var row = 0; row < Outputs; row++)
        {
            var target = product.AsSpan(row * inner.Inputs, inner.Inputs);
            sum[row] = bias[row];
            for (var middle = 0; middle < Inputs; middle++)
            {
                var factor = weights[row * Inputs + middle];
                sum[row] += factor * inner.bias[middle];
                var source = inner.weights.AsSpan(middle * inner.Inputs, inner.Inputs);
                for (var column = 0; column < target.Length; column++)
                {
                    target[column] += factor * source[column];
                }
            }
        }

        return new AffineMap(inner.Inputs, product, sum);
    }

    /// <summary>One row of y.</summary>
    /// <exception cref="ArgumentException"><paramref name="values"/> is not <see cref="Inputs"/> long.</exception>
    public double Row(int row, ReadOnlySpan<float> values)
    {
        if (values.Length != Inputs)
        {
            throw new ArgumentException(
                $"The embedding has {values.Length} values; it must have {Inputs}. Score embeddings of the encoder that the weights were trained on.",
                nameof(values)
            );
        }

        var sum = bias[row];
        for (var column = 0; column < values.Length; column++)
        {
            sum += weights[row * Inputs + column] * values[column];
        }

        return sum;
    }

    /// <summary>All of y, rounded to float32 as one layer hands it to the next.</summary>
    public float[] Apply(float[] values) => [.. Enumerable.Range(0, Outputs).Select(row => (float)Row(row, values))];

    private static Tensor Floating(SafetensorsFile file, string name, int axes)
    {
        var tensor = file.Tensor(name);
        return tensor.shape.Length == axes && is_floating_point(tensor.dtype)
            ? tensor
            : throw new InvalidDataException(
                $"{file.Path}: {name} is {file.Entries[name].DType} [{string.Join(", ", tensor.shape)}]; it must be of a floating type with {axes} "
                    + "axes. Convert the published file again."
            );
    }

    private static double[] Values(Tensor tensor) => tensor.to(ScalarType.Float64).contiguous().data<double>().ToArray();
}

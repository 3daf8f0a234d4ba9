using System.Numerics.Tensors;

namespace Pipeline.Models.Duplicates;

/// <summary>Embeddings as they are stored, one after the other.</summary>
internal abstract class EmbeddingRows
{
    protected EmbeddingRows(long values, int dimension)
    {
        if (dimension < 1 || values % dimension != 0)
        {
            throw new ArgumentException(
                $"The embeddings are {values} values for a dimension of {dimension}; they must be whole rows of 1 value or more. Give the encoder's dimension.",
                nameof(dimension)
            );
        }

        Dimension = dimension;
        Count = (int)(values / dimension);
    }

    /// <summary>Rows.</summary>
    public int Count { get; }

    /// <summary>Values of a row.</summary>
    public int Dimension { get; }

    /// <summary>One row as it is stored.</summary>
    public abstract void Copy(int row, Span<float> target);

    /// <summary>The cosine of two rows, summed in double precision in one order; 0 if one is all zeros.</summary>
    public float Cosine(int one, int other)
    {
        var (a, b) = (new float[Dimension], new float[Dimension]);
        Copy(one, a);
        Copy(other, b);
        var (product, left, right) = (0.0, 0.0, 0.0);
        for (var index = 0; index < a.Length; index++)
        {
            product += (double)a[index] * b[index];
            left += (double)a[index] * a[index];
            right += (double)b[index] * b[index];
        }

        return left > 0 && right > 0 ? (float)(product / Math.Sqrt(left * right)) : 0;
    }
}

/// <summary>Rows of f16, as shards hold them.</summary>
internal sealed class HalfRows(ReadOnlyMemory<Half> values, int dimension) : EmbeddingRows(values.Length, dimension)
{
    public override void Copy(int row, Span<float> target) =>
        TensorPrimitives.ConvertToSingle(values.Span.Slice(row * Dimension, Dimension), target);
}

/// <summary>Rows of float32.</summary>
internal sealed class SingleRows(ReadOnlyMemory<float> values, int dimension) : EmbeddingRows(values.Length, dimension)
{
    public override void Copy(int row, Span<float> target) => values.Span.Slice(row * Dimension, Dimension).CopyTo(target);
}

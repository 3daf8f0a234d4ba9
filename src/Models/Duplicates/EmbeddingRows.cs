using System.Numerics.Tensors;

namespace Pipeline.Models.Duplicates;

/// <summary>Embeddings as they are stored, one after the other.</summary>
internal abstract class EmbeddingRows
{
    private const int MostOnStack = 4096;

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

    /// <summary>Rows of length 1 from <paramref name="first"/> on, every <paramref name="step"/>-th; zeros after the last, and for rows of zeros.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="step">From one row to the next, 1 or more.</param>
    /// <param name="target">Room for whole rows; all of it is written.</param>
    /// <exception cref="InvalidDataException">A row holds a value that is not finite.</exception>
    public void CopyUnits(int first, int step, Span<float> target)
    {
        target.Clear();
        for (var row = first; row < Count && target.Length > 0; row += step)
        {
            var values = target[..Dimension];
            Copy(row, values);
            var length = MathF.Sqrt(TensorPrimitives.SumOfSquares<float>(values));
            if (!float.IsFinite(length))
            {
                throw new InvalidDataException($"Embedding {row} holds a value that is not finite; all must be. Embed that image again.");
            }

            if (length > 0)
            {
                TensorPrimitives.Divide(values, length, values);
            }

            target = target[Dimension..];
        }
    }

    /// <summary>The cosine of two rows, summed in double precision in one order; 0 if one is all zeros.</summary>
    public float Cosine(int one, int other)
    {
        Span<float> a = Dimension <= MostOnStack ? stackalloc float[Dimension] : new float[Dimension];
        Span<float> b = Dimension <= MostOnStack ? stackalloc float[Dimension] : new float[Dimension];
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

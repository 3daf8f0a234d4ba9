using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Pipeline.Models.Duplicates;

/// <summary>Two embeddings that point nearly the same way.</summary>
/// <param name="First">Index of the one that stands earlier in the list.</param>
/// <param name="Second">Index of the other.</param>
/// <param name="Cosine">Of the angle between them, -1 to 1.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct CosinePair(int First, int Second, float Cosine);

/// <summary>Finds all pairs of embeddings whose cosine is large, exactly: every pair is looked at, in blocks, by matrix products.</summary>
/// <remarks>
/// The float32 products only sort out; what comes within <see cref="Slack"/> of the line is computed again in double precision from the rows as they are
/// given, so that a verdict depends on its two rows alone. A row of zeros is near to nothing. Memory beside the rows: two blocks of rows and one of products
/// (1,024 rows of 512 values: 8 MiB). Work: n² × dimension multiplications, halved.
/// </remarks>
public static class CosinePairs
{
    /// <summary>Two embeddings of this cosine or more are of near-duplicates, unless said otherwise.</summary>
    public const float DefaultCosine = 0.96f;

    internal const int BlockRows = 1024;

    /// <summary>More than the error of a float32 product of two rows of length 1.</summary>
    private const float Slack = 1e-4f;

    /// <summary>Every pair once, in the order of blocks; found as it is asked for.</summary>
    /// <param name="rows">Rows one after the other, as the columns of shards hold them; of any length but not all of one scale.</param>
    /// <param name="dimension">Values of a row, 1 or more.</param>
    /// <param name="least">The smallest cosine wanted, over 0 and at most 1.</param>
    /// <param name="stop">Ends the search between two blocks.</param>
    /// <exception cref="ArgumentException">The rows do not fit the dimension, or the cosine is out of range.</exception>
    public static IEnumerable<CosinePair> Find(ReadOnlyMemory<Half> rows, int dimension, float least, CancellationToken stop) =>
        Find(new HalfRows(rows, dimension), least, BlockRows, stop);

    /// <inheritdoc cref="Find(ReadOnlyMemory{Half}, int, float, CancellationToken)"/>
    public static IEnumerable<CosinePair> Find(ReadOnlyMemory<float> rows, int dimension, float least, CancellationToken stop) =>
        Find(new SingleRows(rows, dimension), least, BlockRows, stop);

    internal static IEnumerable<CosinePair> Find(EmbeddingRows rows, float least, int blockRows, CancellationToken stop)
    {
        if (!(least is > 0 and <= 1))
        {
            throw new ArgumentException(
                $"The cosine of near-duplicates is {least}; it must be over 0 and at most 1. Ask for one such as {DefaultCosine}.",
                nameof(least)
            );
        }

        return Search(rows, least, blockRows, stop);
    }

    private static IEnumerable<CosinePair> Search(EmbeddingRows rows, float least, int blockRows, CancellationToken stop)
    {
        using var left = zeros(blockRows, rows.Dimension);
        using var right = zeros(blockRows, rows.Dimension);
        var found = new List<CosinePair>();
        for (var first = 0; first < rows.Count; first += blockRows)
        {
            Fill(left, rows, first);
            for (var second = first; second < rows.Count; second += blockRows)
            {
                stop.ThrowIfCancellationRequested();
                Fill(right, rows, second);
                using var products = Products(left, right);
                Collect(products, rows, first, second, least, found);
                foreach (var pair in found)
                {
                    yield return pair;
                }

                found.Clear();
            }
        }
    }

    /// <summary>Rows of length 1 from <paramref name="first"/> on; zeros after the last, so that every product has one size.</summary>
    private static void Fill(Tensor block, EmbeddingRows rows, int first)
    {
        var values = MemoryMarshal.Cast<byte, float>(block.bytes);
        values.Clear();
        for (var row = 0; row < block.shape[0] && first + row < rows.Count; row++)
        {
            var target = values.Slice(row * rows.Dimension, rows.Dimension);
            rows.Copy(first + row, target);
            var length = MathF.Sqrt(TensorPrimitives.SumOfSquares<float>(target));
            if (length > 0)
            {
                TensorPrimitives.Divide(target, length, target);
            }
        }
    }

    private static Tensor Products(Tensor left, Tensor right)
    {
        using var quiet = no_grad();
        using var turned = right.t();
        return mm(left, turned);
    }

    private static void Collect(Tensor products, EmbeddingRows rows, int first, int second, float least, List<CosinePair> found)
    {
        var values = MemoryMarshal.Cast<byte, float>(products.bytes);
        var width = (int)products.shape[1];
        var line = least - Slack;
        for (var row = 0; row < width && first + row < rows.Count; row++)
        {
            var cosines = values.Slice(row * width, width);
            for (var column = Next(cosines, 0, line); column < width; column = Next(cosines, column + 1, line))
            {
                if (second + column > first + row && second + column < rows.Count)
                {
                    var cosine = rows.Cosine(first + row, second + column);
                    if (cosine >= least)
                    {
                        found.Add(new CosinePair(first + row, second + column, cosine));
                    }
                }
            }
        }
    }

    /// <summary>The first place from <paramref name="from"/> on whose value is at least <paramref name="line"/>; the end if there is none.</summary>
    private static int Next(ReadOnlySpan<float> values, int from, float line)
    {
        var lines = Vector256.Create(line);
        while (from <= values.Length - Vector256<float>.Count && !Vector256.GreaterThanOrEqualAny(Vector256.Create(values[from..]), lines))
        {
            from += Vector256<float>.Count;
        }

        while (from < values.Length && values[from] < line)
        {
            from++;
        }

        return from;
    }
}

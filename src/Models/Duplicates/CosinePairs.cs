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
/// <para>The products only sort out; what comes within <see cref="Slack"/> of the line is computed again in double precision from the rows as they are given, so
/// that a verdict depends on its two rows alone. A row of zeros is near to nothing.</para>
/// <para>Two blocks are first compared by <see cref="CosineBounds"/>, an eighth of the work or less; where that sorts out too little, by whole products. Memory
/// beside the rows: 260 bytes a row, two blocks of rows and one of products (1,024 rows of 512 values: 8 MiB).</para>
/// </remarks>
public static class CosinePairs
{
    /// <summary>Two embeddings of this cosine or more are of near-duplicates, unless said otherwise.</summary>
    public const float DefaultCosine = 0.96f;

    internal const int BlockRows = 1024;

    /// <summary>Of the pairs of two blocks, one in so many may pass the bound; if more do, whole products cost less than to compute each.</summary>
    private const int BoundMustSpare = 256;

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
        using var bounds = new CosineBounds(rows, blockRows);
        using var left = zeros(blockRows, rows.Dimension);
        using var right = zeros(blockRows, rows.Dimension);
        var near = new List<(int First, int Second)>();
        for (var first = 0; first < rows.Count; first += blockRows)
        {
            Fill(left, rows, first);
            for (var second = first; second < rows.Count; second += blockRows)
            {
                stop.ThrowIfCancellationRequested();
                near.Clear();
                using (var most = bounds.Of(first, second))
                {
                    Collect(most, rows.Count, first, second, least - Slack, blockRows * blockRows / BoundMustSpare, near);
                }

                if (near.Count > blockRows * blockRows / BoundMustSpare)
                {
                    near.Clear();
                    Fill(right, rows, second);
                    using var products = Products(left, right);
                    Collect(products, rows.Count, first, second, least - Slack, int.MaxValue, near);
                }

                foreach (var (one, other) in near)
                {
                    var cosine = rows.Cosine(one, other);
                    if (cosine >= least)
                    {
                        yield return new CosinePair(one, other, cosine);
                    }
                }
            }
        }
    }

    private static void Fill(Tensor block, EmbeddingRows rows, int first) =>
        rows.CopyUnits(first, 1, MemoryMarshal.Cast<byte, float>(block.bytes));

    private static Tensor Products(Tensor left, Tensor right)
    {
        using var quiet = no_grad();
        using var turned = right.t();
        return mm(left, turned);
    }

    /// <summary>The pairs of two blocks that reach <paramref name="line"/>; given up once they are more than <paramref name="most"/>.</summary>
    private static void Collect(Tensor products, int count, int first, int second, float line, int most, List<(int First, int Second)> near)
    {
        var values = MemoryMarshal.Cast<byte, float>(products.bytes);
        var width = (int)products.shape[1];
        var used = Math.Min(width, count - second);
        for (var row = 0; row < width && first + row < count && near.Count <= most; row++)
        {
            var cosines = values.Slice(row * width, used);
            // Within one block each pair stands on both sides.
            var begin = first == second ? row + 1 : 0;
            for (var column = Next(cosines, begin, line); column < used; column = Next(cosines, column + 1, line))
            {
                near.Add((first + row, second + column));
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

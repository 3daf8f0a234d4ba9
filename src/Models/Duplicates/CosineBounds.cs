using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace Pipeline.Models.Duplicates;

/// <summary>What the cosines of two blocks of rows are at most, for a fraction of the work of the cosines.</summary>
/// <remarks>
/// Rows of length 1 are turned so that most of their length lies in their first few values (the directions in which a sample of the rows has the largest second
/// moments). Of each row those values are kept, and the length of the rest: by Cauchy and Schwarz, a · b is at most head(a) · head(b) + |rest(a)| |rest(b)|,
/// which is one product of rows that are one value longer than the heads.
/// </remarks>
internal sealed class CosineBounds : IDisposable
{
    /// <summary>Values of a head at the most.</summary>
    private const int MostHead = 64;

    private const int SampleRows = 4096;

    /// <summary>Added to the square of the rest's length, which is a difference of float32 sums: the bound must not fall below the cosine.</summary>
    private const double Rounding = 1e-5;

    private readonly Tensor heads;
    private readonly int blockRows;

    /// <summary>Turns all rows once.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="blockRows">Rows of a block, 1 or more.</param>
    public CosineBounds(EmbeddingRows rows, int blockRows)
    {
        this.blockRows = blockRows;
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var width = Math.Min(MostHead, rows.Dimension / 2);
        var blocks = (rows.Count + blockRows - 1) / blockRows;
        heads = zeros((long)blocks * blockRows, width + 1).DetachFromDisposeScope();
        var directions = Directions(rows, width);
        var block = zeros(blockRows, rows.Dimension);
        for (var first = 0; first < rows.Count; first += blockRows)
        {
            rows.CopyUnits(first, 1, MemoryMarshal.Cast<byte, float>(block.bytes));
            using var turned = mm(block, directions);
            using var rest = (1 + Rounding - turned.square().sum(1, keepdim: true)).clamp(min: Rounding).sqrt();
            using var whole = cat([turned, rest], 1);
            using var target = heads.narrow(0, first, blockRows);
            target.copy_(whole);
        }
    }

    /// <summary>The bounds between the rows of two blocks, <c>[block, block] float32</c>; the caller disposes.</summary>
    public Tensor Of(int first, int second)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return scope.MoveToOuter(mm(heads.narrow(0, first, blockRows), heads.narrow(0, second, blockRows).t()));
    }

    /// <inheritdoc/>
    public void Dispose() => heads.Dispose();

    /// <summary><c>[dimension, width]</c>, orthogonal columns of length 1.</summary>
    private static Tensor Directions(EmbeddingRows rows, int width)
    {
        var step = Math.Max(1, rows.Count / SampleRows);
        var sample = zeros(Math.Min(SampleRows, Math.Max(1, rows.Count)), rows.Dimension);
        rows.CopyUnits(0, step, MemoryMarshal.Cast<byte, float>(sample.bytes));
        var (_, vectors) = linalg.eigh(mm(sample.t(), sample).to(ScalarType.Float64));
        return vectors.narrow(1, rows.Dimension - width, width).to(ScalarType.Float32).contiguous();
    }
}

using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Pipeline.Models.Images;

/// <summary>Rows of bytes.</summary>
/// <param name="samples">The first row's first sample onwards.</param>
/// <param name="stride">Bytes from a row to the next.</param>
/// <param name="width">Samples of a row.</param>
internal readonly ref struct ByteRows(ReadOnlySpan<byte> samples, int stride, int width)
{
    /// <summary>Samples of a row.</summary>
    public int Width { get; } = width;

    /// <summary>The row <paramref name="index"/>.</summary>
    public ReadOnlySpan<byte> this[int index] => Samples.Slice(index * Stride, Width);

    private ReadOnlySpan<byte> Samples { get; } = samples;

    private int Stride { get; } = stride;
}

/// <summary>How wide rows are made so that vectors may run past their end.</summary>
internal static class PlanePadding
{
    /// <summary>The next multiple of 16.</summary>
    public static int Stride(int width) => (width + 15) / 16 * 16;
}

/// <summary>Resizes one plane: down the columns first, then along the rows, two rows at a time.</summary>
/// <remarks>Samples between and after the passes are 16-bit with 6 bits of fraction, 0 to 255 × 64: rounding is a 128th of a grey level a pass.</remarks>
internal static class PlaneResize
{
    /// <summary>Bits of fraction in a resized sample.</summary>
    public const int FractionBits = 6;

    /// <summary>Zeros that a row needs after its end, because taps are read eight at a time.</summary>
    public const int Slack = 16;

    /// <summary>The plane at the size of the two axes, rows <see cref="PlanePadding.Stride"/> apart.</summary>
    public static void To(ByteRows source, ResizeAxis columns, ResizeAxis rows, Span<short> target, ResizeKernels kernels)
    {
        var stride = PlanePadding.Stride(columns.Target);
        var pitch = PlanePadding.Stride(source.Width) + columns.Taps + Slack;
        var buffer = ArrayPool<short>.Shared.Rent(2 * pitch);
        buffer.AsSpan(0, 2 * pitch).Clear();
        var upper = buffer.AsSpan(0, pitch);
        var lower = buffer.AsSpan(pitch, pitch);
        for (var row = 0; row < rows.Target; row += 2)
        {
            ColumnPass.Row(source, rows, row, upper, kernels);
            var both = row + 1 < rows.Target;
            if (both)
            {
                ColumnPass.Row(source, rows, row + 1, lower, kernels);
            }
            var above = target.Slice(row * stride, stride);
            var below = both ? target.Slice((row + 1) * stride, stride) : above;
            if (kernels == ResizeKernels.Avx2)
            {
                RowsWithAvx2(upper, both ? lower : upper, columns, above, below);
            }
            else
            {
                RowWithLoops(upper, columns, above);
                RowWithLoops(both ? lower : upper, columns, below);
            }
        }
        ArrayPool<short>.Shared.Return(buffer);
    }

    private static void RowWithLoops(ReadOnlySpan<short> source, ResizeAxis axis, Span<short> target)
    {
        for (var x = 0; x < axis.Target; x++)
        {
            var samples = source.Slice(axis.First[x], axis.Counts[x]);
            var weights = axis.Weights.AsSpan(x * axis.Taps, samples.Length);
            var sum = 1 << (ResizeAxis.WeightBits - 1);
            for (var tap = 0; tap < samples.Length; tap++)
            {
                sum += samples[tap] * weights[tap];
            }
            target[x] = (short)(sum >> ResizeAxis.WeightBits);
        }
    }

    /// <summary>Eight target samples of two rows a turn, one row in each half of a vector.</summary>
    private static void RowsWithAvx2(
        ReadOnlySpan<short> upper,
        ReadOnlySpan<short> lower,
        ResizeAxis axis,
        Span<short> above,
        Span<short> below
    )
    {
        ref var upperStart = ref MemoryMarshal.GetReference(upper);
        ref var lowerStart = ref MemoryMarshal.GetReference(lower);
        ref var weights = ref MemoryMarshal.GetArrayDataReference(axis.Weights);
        ref var first = ref MemoryMarshal.GetArrayDataReference(axis.First);
        var taps = axis.Taps;
        var half = Vector256.Create(1 << (ResizeAxis.WeightBits - 1));
        for (var x = 0; x < axis.Target; x += 8)
        {
            var low = Four(ref upperStart, ref lowerStart, ref Unsafe.Add(ref first, x), ref Unsafe.Add(ref weights, x * taps), taps);
            var high = Four(
                ref upperStart,
                ref lowerStart,
                ref Unsafe.Add(ref first, x + 4),
                ref Unsafe.Add(ref weights, (x + 4) * taps),
                taps
            );
            var packed = Avx2.PackSignedSaturate(
                Avx2.ShiftRightArithmetic(low + half, ResizeAxis.WeightBits),
                Avx2.ShiftRightArithmetic(high + half, ResizeAxis.WeightBits)
            );
            packed.GetLower().CopyTo(above[x..]);
            packed.GetUpper().CopyTo(below[x..]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Four(ref short upper, ref short lower, ref int first, ref short weights, int taps)
    {
        var pairs = Avx2.HorizontalAdd(
            Sum(ref upper, ref lower, first, ref weights, taps),
            Sum(ref upper, ref lower, Unsafe.Add(ref first, 1), ref Unsafe.Add(ref weights, taps), taps)
        );
        return Avx2.HorizontalAdd(
            pairs,
            Avx2.HorizontalAdd(
                Sum(ref upper, ref lower, Unsafe.Add(ref first, 2), ref Unsafe.Add(ref weights, 2 * taps), taps),
                Sum(ref upper, ref lower, Unsafe.Add(ref first, 3), ref Unsafe.Add(ref weights, 3 * taps), taps)
            )
        );
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Sum(ref short upper, ref short lower, int first, ref short weights, int taps)
    {
        var sum = Products(ref upper, ref lower, first, ref weights);
        for (var tap = 8; tap < taps; tap += 8)
        {
            sum += Products(ref upper, ref lower, first + tap, ref Unsafe.Add(ref weights, tap));
        }
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Products(ref short upper, ref short lower, int at, ref short weights)
    {
        var samples = Vector256.Create(Vector128.LoadUnsafe(ref upper, (nuint)at), Vector128.LoadUnsafe(ref lower, (nuint)at));
        var weight = Vector128.LoadUnsafe(ref weights);
        return Avx2.MultiplyAddAdjacent(samples, Vector256.Create(weight, weight));
    }
}

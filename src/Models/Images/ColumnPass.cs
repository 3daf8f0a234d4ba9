using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Pipeline.Models.Images;

/// <summary>Weighs rows of bytes into one row of 16-bit samples with <see cref="PlaneResize.FractionBits"/> bits of fraction.</summary>
internal static class ColumnPass
{
    private const int Shift = ResizeAxis.WeightBits - PlaneResize.FractionBits;

    /// <summary>The target row <paramref name="index"/> of <paramref name="rows"/>; of <paramref name="target"/> only the source's width is written.</summary>
    public static void Row(ByteRows source, ResizeAxis rows, int index, Span<short> target, ResizeKernels kernels)
    {
        var weights = rows.Weights.AsSpan(index * rows.Taps, rows.Counts[index]);
        if (kernels == ResizeKernels.Avx2 && source.Width >= 16)
        {
            WithAvx2(source, rows.First[index], weights, target);
        }
        else
        {
            WithLoops(source, rows.First[index], weights, target);
        }
    }

    private static void WithLoops(ByteRows source, int first, ReadOnlySpan<short> weights, Span<short> target)
    {
        for (var x = 0; x < source.Width; x++)
        {
            var sum = 1 << (Shift - 1);
            for (var tap = 0; tap < weights.Length; tap++)
            {
                sum += source[first + tap][x] * weights[tap];
            }
            target[x] = (short)(sum >> Shift);
        }
    }

    /// <summary>Sixteen columns a turn, two source rows a multiplication; the last turn steps back to end with the row.</summary>
    private static void WithAvx2(ByteRows source, int first, ReadOnlySpan<short> weights, Span<short> target)
    {
        ref var start = ref MemoryMarshal.GetReference(source[first]);
        var stride = weights.Length > 1 ? Unsafe.ByteOffset(ref start, ref MemoryMarshal.GetReference(source[first + 1])) : 0;
        for (var x = 0; ; x = Math.Min(x + 16, source.Width - 16))
        {
            var (low, high) = (Vector256.Create(1 << (Shift - 1)), Vector256.Create(1 << (Shift - 1)));
            for (var tap = 0; tap < weights.Length; tap += 2)
            {
                var paired = tap + 1 < weights.Length;
                var upper = Vector128.LoadUnsafe(ref Unsafe.AddByteOffset(ref start, x + (tap * stride)));
                var lower = paired ? Vector128.LoadUnsafe(ref Unsafe.AddByteOffset(ref start, x + ((tap + 1) * stride))) : upper;
                var weight = Vector256.Create((ushort)weights[tap] | (paired ? weights[tap + 1] << 16 : 0)).AsInt16();
                low += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(Sse2.UnpackLow(upper, lower)), weight);
                high += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(Sse2.UnpackHigh(upper, lower)), weight);
            }
            var packed = Avx2.PackSignedSaturate(Avx2.ShiftRightArithmetic(low, Shift), Avx2.ShiftRightArithmetic(high, Shift));
            Avx2.Permute4x64(packed.AsInt64(), 0b11_01_10_00).AsInt16().CopyTo(target[x..]);
            if (x == source.Width - 16)
            {
                return;
            }
        }
    }
}

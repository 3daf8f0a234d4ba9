using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Pipeline.Models.Images;

/// <summary>The two passes of <see cref="PillowResize"/>, each in plain loops and in AVX2; both give equal bytes.</summary>
internal static class PillowPasses
{
    /// <summary>Bytes behind a row that vector code may read or write.</summary>
    public const int Slack = 32;

    private const int Channels = 3;
    private const int Half = 1 << (PillowAxis.Bits - 1);

    /// <summary>Shrinks or widens rows <paramref name="first"/> and on of an image.</summary>
    public static void Across(RgbImage image, int first, int count, PillowAxis axis, Span<byte> target, int stride, ResizeKernels kernels)
    {
        if (kernels != ResizeKernels.Avx2)
        {
            for (var row = 0; row < count; row++)
            {
                AcrossWithLoops(Row(image, first + row), axis, target[(row * stride)..]);
            }

            return;
        }

        // A row near the end of the image is copied to where bytes follow it.
        Span<byte> upper = new byte[(image.Width + axis.Taps) * Channels + Slack];
        Span<byte> lower = new byte[upper.Length];
        for (var row = 0; row < count; row += 2)
        {
            var next = Math.Min(row + 1, count - 1);
            AcrossWithAvx2(
                Followed(image, first + row, upper),
                Followed(image, first + next, lower),
                axis,
                target[(row * stride)..],
                target[(next * stride)..]
            );
        }
    }

    /// <summary>Shrinks or widens columns.</summary>
    /// <param name="source">Rows that begin at row <paramref name="first"/> of the image.</param>
    /// <param name="stride">Bytes from one source row to the next.</param>
    /// <param name="first">The image's row that <paramref name="source"/> begins with.</param>
    /// <param name="axis">The weights.</param>
    /// <param name="target">Rows without padding.</param>
    /// <param name="width">Bytes of a target row.</param>
    /// <param name="kernels">Which code runs.</param>
    public static void Down(
        ReadOnlySpan<byte> source,
        int stride,
        int first,
        PillowAxis axis,
        Span<byte> target,
        int width,
        ResizeKernels kernels
    )
    {
        Span<byte> scratch = new byte[stride];
        for (var row = 0; row < axis.First.Length; row++)
        {
            var from = source[((axis.First[row] - first) * stride)..];
            var place = row * axis.Taps;
            if (kernels == ResizeKernels.Avx2)
            {
                DownWithAvx2(from, stride, axis, place, axis.Counts[row], scratch, width);
                scratch[..width].CopyTo(target[(row * width)..]);
            }
            else
            {
                DownWithLoops(from, stride, axis.Weights.AsSpan(place, axis.Counts[row]), target.Slice(row * width, width));
            }
        }
    }

    private static ReadOnlySpan<byte> Row(RgbImage image, int row) =>
        image.Pixels.AsSpan(row * image.Width * Channels, image.Width * Channels);

    private static ReadOnlySpan<byte> Followed(RgbImage image, int row, Span<byte> room)
    {
        var start = row * image.Width * Channels;
        if (start + room.Length <= image.Pixels.Length)
        {
            return image.Pixels.AsSpan(start, room.Length);
        }

        Row(image, row).CopyTo(room);
        return room;
    }

    private static void AcrossWithLoops(ReadOnlySpan<byte> row, PillowAxis axis, Span<byte> target)
    {
        for (var column = 0; column < axis.First.Length; column++)
        {
            var (red, green, blue) = (Half, Half, Half);
            var source = axis.First[column] * Channels;
            foreach (var weight in axis.Weights.AsSpan(column * axis.Taps, axis.Counts[column]))
            {
                red += row[source] * weight;
                green += row[source + 1] * weight;
                blue += row[source + 2] * weight;
                source += Channels;
            }

            target[column * Channels] = Clip(red);
            target[column * Channels + 1] = Clip(green);
            target[column * Channels + 2] = Clip(blue);
        }
    }

    /// <summary>A pixel of two rows a turn, one row in each half of a vector, four taps a load, two taps a multiplication.</summary>
    private static void AcrossWithAvx2(
        ReadOnlySpan<byte> upper,
        ReadOnlySpan<byte> lower,
        PillowAxis axis,
        Span<byte> above,
        Span<byte> below
    )
    {
        ref var upperStart = ref MemoryMarshal.GetReference(upper);
        ref var lowerStart = ref MemoryMarshal.GetReference(lower);
        ref var aboveStart = ref MemoryMarshal.GetReference(above);
        ref var belowStart = ref MemoryMarshal.GetReference(below);
        const byte none = 255;
        var pair = Vector128.Create(0, none, 3, none, 1, none, 4, none, 2, none, 5, none, none, none, none, none);
        var next = Vector128.Create(6, none, 9, none, 7, none, 10, none, 8, none, 11, none, none, none, none, none);
        var (firstTwo, lastTwo) = (Vector256.Create(pair, pair), Vector256.Create(next, next));
        for (var column = 0; column < axis.First.Length; column++)
        {
            ref var high = ref axis.High[column * axis.Taps];
            ref var low = ref axis.Low[column * axis.Taps];
            var (highSum, lowSum) = (Vector256<int>.Zero, Vector256.Create(Half));
            for (var tap = 0; tap < axis.Counts[column]; tap += 4)
            {
                var at = (nuint)((axis.First[column] + tap) * Channels);
                var samples = Vector256.Create(Vector128.LoadUnsafe(ref upperStart, at), Vector128.LoadUnsafe(ref lowerStart, at));
                var (one, two) = (Avx2.Shuffle(samples, firstTwo).AsInt16(), Avx2.Shuffle(samples, lastTwo).AsInt16());
                highSum += Avx2.MultiplyAddAdjacent(one, Pair(ref high, tap)) + Avx2.MultiplyAddAdjacent(two, Pair(ref high, tap + 2));
                lowSum += Avx2.MultiplyAddAdjacent(one, Pair(ref low, tap)) + Avx2.MultiplyAddAdjacent(two, Pair(ref low, tap + 2));
            }

            var sum = Avx2.ShiftRightArithmetic(Avx2.ShiftLeftLogical(highSum, PillowAxis.LowBits) + lowSum, PillowAxis.Bits);
            var bytes = Avx2.PackUnsignedSaturate(Avx2.PackSignedSaturate(sum, sum), Vector256<short>.Zero).AsUInt32();
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref aboveStart, column * Channels), bytes.ToScalar());
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref belowStart, column * Channels), bytes.GetUpper().ToScalar());
        }
    }

    private static void DownWithLoops(ReadOnlySpan<byte> source, int stride, ReadOnlySpan<int> weights, Span<byte> target)
    {
        for (var place = 0; place < target.Length; place++)
        {
            var sum = Half;
            for (var tap = 0; tap < weights.Length; tap++)
            {
                sum += source[(tap * stride) + place] * weights[tap];
            }

            target[place] = Clip(sum);
        }
    }

    /// <summary>Sixteen bytes a turn, two rows a multiplication.</summary>
    private static void DownWithAvx2(
        ReadOnlySpan<byte> source,
        int stride,
        PillowAxis axis,
        int place,
        int count,
        Span<byte> target,
        int width
    )
    {
        ref var start = ref MemoryMarshal.GetReference(source);
        ref var targetStart = ref MemoryMarshal.GetReference(target);
        ref var high = ref axis.High[place];
        ref var low = ref axis.Low[place];
        for (var column = 0; column < width; column += 16)
        {
            var (highLeft, highRight) = (Vector256<int>.Zero, Vector256<int>.Zero);
            var (lowLeft, lowRight) = (Vector256.Create(Half), Vector256.Create(Half));
            for (var tap = 0; tap < count; tap += 2)
            {
                // Beyond the last row the weight is zero; the row before is read again.
                var first = Vector128.LoadUnsafe(ref start, (nuint)((tap * stride) + column));
                var second = Vector128.LoadUnsafe(ref start, (nuint)((Math.Min(tap + 1, count - 1) * stride) + column));
                var left = Avx2.ConvertToVector256Int16(Sse2.UnpackLow(first, second));
                var right = Avx2.ConvertToVector256Int16(Sse2.UnpackHigh(first, second));
                var (highPair, lowPair) = (Pair(ref high, tap), Pair(ref low, tap));
                highLeft += Avx2.MultiplyAddAdjacent(left, highPair);
                highRight += Avx2.MultiplyAddAdjacent(right, highPair);
                lowLeft += Avx2.MultiplyAddAdjacent(left, lowPair);
                lowRight += Avx2.MultiplyAddAdjacent(right, lowPair);
            }

            var sumLeft = Avx2.ShiftRightArithmetic(Avx2.ShiftLeftLogical(highLeft, PillowAxis.LowBits) + lowLeft, PillowAxis.Bits);
            var sumRight = Avx2.ShiftRightArithmetic(Avx2.ShiftLeftLogical(highRight, PillowAxis.LowBits) + lowRight, PillowAxis.Bits);
            var words = Avx2.Permute4x64(Avx2.PackSignedSaturate(sumLeft, sumRight).AsInt64(), 0b11_01_10_00).AsInt16();
            Sse2.PackUnsignedSaturate(words.GetLower(), words.GetUpper()).StoreUnsafe(ref targetStart, (nuint)column);
        }
    }

    private static Vector256<short> Pair(ref short weights, int tap) =>
        Vector256.Create(Unsafe.As<short, int>(ref Unsafe.Add(ref weights, tap))).AsInt16();

    private static byte Clip(int sum) => (byte)Math.Clamp(sum >> PillowAxis.Bits, 0, 255);
}

using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Pipeline.Models.Images;

/// <summary>Resizes images with an antialiased triangle filter.</summary>
/// <remarks>
/// The geometry is that of Pillow's BILINEAR (see <see cref="ResizeAxis"/>); columns are weighed before rows, with 14-bit weights
/// and 6 bits of fraction between the passes, so a sample may differ from Pillow's by one grey level. The result is the same with
/// and without vector instructions.
/// </remarks>
public static class ImageResize
{
    private const int Channels = 3;
    private const int LastShift = ResizeAxis.WeightBits + PlaneResize.FractionBits;

    /// <summary>The largest side that can be asked for, in pixels: JPEG's.</summary>
    public const int MostSidePixels = 65_535;

    /// <summary>The whole image at exactly this size; the aspect ratio is not kept. Smaller and larger both work.</summary>
    /// <param name="image">The image; it is not changed.</param>
    /// <param name="width">Pixels in a row wanted, 1 to <see cref="MostSidePixels"/>.</param>
    /// <param name="height">Rows wanted, 1 to <see cref="MostSidePixels"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is out of range.</exception>
    public static RgbImage To(RgbImage image, int width, int height)
    {
        CheckSize(width, height);
        if (image.Width == width && image.Height == height)
        {
            return image;
        }
        var pixels = GC.AllocateUninitializedArray<byte>(checked(width * height * Channels));
        To(image, image.Width, image.Height, width, height, pixels, ResizeKernelChoice.Best);
        return new RgbImage(width, height, pixels);
    }

    internal static void CheckSize(int width, int height)
    {
        if (width is < 1 or > MostSidePixels || height is < 1 or > MostSidePixels)
        {
            throw new ArgumentOutOfRangeException(
                nameof(width),
                $"The wanted size is {width} x {height}; both sides must be between 1 and {MostSidePixels:N0} pixels. Ask for a size in that range."
            );
        }
    }

    internal static void To(
        RgbImage image,
        double extentAcross,
        double extentDown,
        int width,
        int height,
        Span<byte> pixels,
        ResizeKernels kernels
    )
    {
        var columns = ResizeAxis.Of(image.Width, extentAcross, width);
        var rows = ResizeAxis.Of(image.Height, extentDown, height);
        var source = new ByteRows(image.Pixels, image.Width * Channels, image.Width * Channels);
        var pitch = source.Width + PlaneResize.Slack;
        var padded = (width * Channels) + PlaneResize.Slack;
        var buffer = ArrayPool<short>.Shared.Rent(2 * pitch);
        var scratch = ArrayPool<byte>.Shared.Rent(2 * padded);
        buffer.AsSpan(0, 2 * pitch).Clear();
        var upper = buffer.AsSpan(0, pitch);
        var lower = buffer.AsSpan(pitch, pitch);
        var above = scratch.AsSpan(0, padded);
        var below = scratch.AsSpan(padded, padded);
        for (var row = 0; row < height; row += 2)
        {
            var next = Math.Min(row + 1, height - 1);
            ColumnPass.Row(source, rows, row, upper, kernels);
            ColumnPass.Row(source, rows, next, lower, kernels);
            if (kernels == ResizeKernels.Avx2)
            {
                RowsWithAvx2(upper, lower, columns, above, below);
            }
            else
            {
                RowWithLoops(upper, columns, above);
                RowWithLoops(lower, columns, below);
            }
            above[..(width * Channels)].CopyTo(pixels[(row * width * Channels)..]);
            below[..(width * Channels)].CopyTo(pixels[(next * width * Channels)..]);
        }
        ArrayPool<short>.Shared.Return(buffer);
        ArrayPool<byte>.Shared.Return(scratch);
    }

    private static void RowWithLoops(ReadOnlySpan<short> source, ResizeAxis axis, Span<byte> target)
    {
        for (var x = 0; x < axis.Target; x++)
        {
            var weights = axis.Weights.AsSpan(x * axis.Taps, axis.Counts[x]);
            for (var channel = 0; channel < Channels; channel++)
            {
                var sum = 1 << (LastShift - 1);
                for (var tap = 0; tap < weights.Length; tap++)
                {
                    sum += source[((axis.First[x] + tap) * Channels) + channel] * weights[tap];
                }
                target[(x * Channels) + channel] = (byte)(sum >> LastShift);
            }
        }
    }

    /// <summary>A pixel of two rows a turn, one row in each half of a vector, two taps a multiplication.</summary>
    private static void RowsWithAvx2(
        ReadOnlySpan<short> upper,
        ReadOnlySpan<short> lower,
        ResizeAxis axis,
        Span<byte> above,
        Span<byte> below
    )
    {
        ref var upperStart = ref MemoryMarshal.GetReference(upper);
        ref var lowerStart = ref MemoryMarshal.GetReference(lower);
        ref var aboveStart = ref MemoryMarshal.GetReference(above);
        ref var belowStart = ref MemoryMarshal.GetReference(below);
        var pairUp = Vector128.Create(0, 1, 6, 7, 2, 3, 8, 9, 4, 5, 10, 11, 255, 255, 255, 255);
        var channelPairs = Vector256.Create(pairUp, pairUp);
        var half = Vector256.Create(1 << (LastShift - 1));
        for (var x = 0; x < axis.Target; x++)
        {
            ref var weights = ref axis.Weights[x * axis.Taps];
            var sum = half;
            for (var tap = 0; tap < axis.Counts[x]; tap += 2)
            {
                var at = (nuint)((axis.First[x] + tap) * Channels);
                var samples = Vector256.Create(Vector128.LoadUnsafe(ref upperStart, at), Vector128.LoadUnsafe(ref lowerStart, at));
                var weight = Vector256.Create(Unsafe.As<short, int>(ref Unsafe.Add(ref weights, tap))).AsInt16();
                sum += Avx2.MultiplyAddAdjacent(Avx2.Shuffle(samples.AsByte(), channelPairs).AsInt16(), weight);
            }
            sum = Avx2.ShiftRightArithmetic(sum, LastShift);
            var bytes = Avx2.PackUnsignedSaturate(Avx2.PackSignedSaturate(sum, sum), Vector256<short>.Zero).AsUInt32();
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref aboveStart, x * Channels), bytes.ToScalar());
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref belowStart, x * Channels), bytes.GetUpper().ToScalar());
        }
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Pipeline.Models.Images;

/// <summary>Turns resized planes of a JPEG into interleaved RGB by JFIF's matrix (ITU-T T.871; full-range BT.601).</summary>
/// <remarks>
/// <c>R = Y + 1.402 Cr</c>, <c>G = Y − 0.344136 Cb − 0.714136 Cr</c>, <c>B = Y + 1.772 Cb</c>, with Cb and Cr less 128. Samples keep their
/// 6 bits of fraction up to the last rounding; the part of a factor below 1 is a 15-bit fraction, its product rounded to 6 bits.
/// </remarks>
internal static class YccToRgb
{
    private const short RedOfCr = (short)(0.402 * 32768);
    private const short GreenOfCb = (short)(0.344136 * 32768);
    private const short GreenOfCr = (short)(0.714136 * 32768);
    private const short BlueOfCb = (short)(0.772 * 32768);
    private const short Middle = 128 << PlaneResize.FractionBits;
    private const short Half = 1 << (PlaneResize.FractionBits - 1);
    private const int GroupPixels = 16;

    /// <summary>One plane (grey) or three (Y, Cb, Cr) one after the other, rows <see cref="PlanePadding.Stride"/> apart, to packed RGB.</summary>
    public static void Convert(ReadOnlySpan<short> planes, int count, int width, int height, Span<byte> pixels, ResizeKernels kernels)
    {
        var stride = PlanePadding.Stride(width);
        var plane = stride * height;
        for (var row = 0; row < height; row++)
        {
            var y = planes.Slice(row * stride, stride);
            var target = pixels.Slice(row * width * 3, width * 3);
            if (count == 1)
            {
                Grey(y, target);
                continue;
            }
            var cb = planes.Slice(plane + (row * stride), stride);
            var cr = planes.Slice((2 * plane) + (row * stride), stride);
            var vectored = kernels == ResizeKernels.Avx2 ? width / GroupPixels * GroupPixels : 0;
            WithAvx2(y[..vectored], cb, cr, target);
            WithLoops(y[vectored..], cb[vectored..], cr[vectored..], target[(vectored * 3)..]);
        }
    }

    private static void Grey(ReadOnlySpan<short> y, Span<byte> target)
    {
        for (var (x, at) = (0, 0); at < target.Length; (x, at) = (x + 1, at + 3))
        {
            target[at] = target[at + 1] = target[at + 2] = Byte(y[x]);
        }
    }

    private static void WithLoops(ReadOnlySpan<short> y, ReadOnlySpan<short> cb, ReadOnlySpan<short> cr, Span<byte> target)
    {
        for (var (x, at) = (0, 0); at < target.Length; (x, at) = (x + 1, at + 3))
        {
            var (blue, red) = (cb[x] - Middle, cr[x] - Middle);
            target[at] = Byte(y[x] + red + Scale(red, RedOfCr));
            target[at + 1] = Byte(y[x] - Scale(blue, GreenOfCb) - Scale(red, GreenOfCr));
            target[at + 2] = Byte(y[x] + blue + Scale(blue, BlueOfCb));
        }
    }

    private static int Scale(int value, short factor) => ((value * factor) + 0x4000) >> 15;

    private static byte Byte(int value) => (byte)Math.Clamp((value + Half) >> PlaneResize.FractionBits, 0, 255);

    private static void WithAvx2(ReadOnlySpan<short> y, ReadOnlySpan<short> cb, ReadOnlySpan<short> cr, Span<byte> target)
    {
        ref var luma = ref MemoryMarshal.GetReference(y);
        ref var blues = ref MemoryMarshal.GetReference(cb);
        ref var reds = ref MemoryMarshal.GetReference(cr);
        ref var to = ref MemoryMarshal.GetReference(target);
        for (var x = 0; x < y.Length; x += GroupPixels)
        {
            var light = Vector256.LoadUnsafe(ref luma, (nuint)x);
            var blue = Vector256.LoadUnsafe(ref blues, (nuint)x) - Vector256.Create(Middle);
            var red = Vector256.LoadUnsafe(ref reds, (nuint)x) - Vector256.Create(Middle);
            var r = Bytes(light + red + Avx2.MultiplyHighRoundScale(red, Vector256.Create(RedOfCr)));
            var g = Bytes(
                light
                    - Avx2.MultiplyHighRoundScale(blue, Vector256.Create(GreenOfCb))
                    - Avx2.MultiplyHighRoundScale(red, Vector256.Create(GreenOfCr))
            );
            var b = Bytes(light + blue + Avx2.MultiplyHighRoundScale(blue, Vector256.Create(BlueOfCb)));
            Interleave(r, g, b, ref Unsafe.Add(ref to, x * 3));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Bytes(Vector256<short> samples)
    {
        var rounded = Avx2.ShiftRightArithmetic(samples + Vector256.Create(Half), PlaneResize.FractionBits);
        return Sse2.PackUnsignedSaturate(rounded.GetLower(), rounded.GetUpper());
    }

    /// <summary>Sixteen pixels, 48 bytes; 128 in a shuffle leaves a zero for the other two channels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Interleave(Vector128<byte> r, Vector128<byte> g, Vector128<byte> b, ref byte to)
    {
        const byte No = 128;
        var first =
            Ssse3.Shuffle(r, Vector128.Create(0, No, No, 1, No, No, 2, No, No, 3, No, No, 4, No, No, 5))
            | Ssse3.Shuffle(g, Vector128.Create(No, 0, No, No, 1, No, No, 2, No, No, 3, No, No, 4, No, No))
            | Ssse3.Shuffle(b, Vector128.Create(No, No, 0, No, No, 1, No, No, 2, No, No, 3, No, No, 4, No));
        var second =
            Ssse3.Shuffle(r, Vector128.Create(No, No, 6, No, No, 7, No, No, 8, No, No, 9, No, No, 10, No))
            | Ssse3.Shuffle(g, Vector128.Create(5, No, No, 6, No, No, 7, No, No, 8, No, No, 9, No, No, 10))
            | Ssse3.Shuffle(b, Vector128.Create(No, 5, No, No, 6, No, No, 7, No, No, 8, No, No, 9, No, No));
        var third =
            Ssse3.Shuffle(r, Vector128.Create(No, 11, No, No, 12, No, No, 13, No, No, 14, No, No, 15, No, No))
            | Ssse3.Shuffle(g, Vector128.Create(No, No, 11, No, No, 12, No, No, 13, No, No, 14, No, No, 15, No))
            | Ssse3.Shuffle(b, Vector128.Create(10, No, No, 11, No, No, 12, No, No, 13, No, No, 14, No, No, 15));
        first.StoreUnsafe(ref to);
        second.StoreUnsafe(ref to, 16);
        third.StoreUnsafe(ref to, 32);
    }
}

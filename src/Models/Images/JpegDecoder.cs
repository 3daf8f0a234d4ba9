using System.Buffers;

namespace Pipeline.Models.Images;

/// <summary>Decodes JPEG with libjpeg-turbo, as stored: the caller turns the image upright.</summary>
/// <remarks>
/// <para>Every call makes and destroys its own decoder. That costs 0.2 µs, and a decoder kept for the next file would lend it
/// the tables of the one before: a damaged file could then decode with its neighbour's.</para>
/// <para>The accurate integer DCT and smooth chroma upsampling are used; the fast variants are not. libjpeg-turbo 2.1.5 gave equal
/// pixels and planes at all four scales with AVX2, with SSE2 and without vector code (JSIMD_FORCESSE2, JSIMD_FORCENONE).</para>
/// </remarks>
internal static unsafe class JpegDecoder
{
    private const int RowAlignment = 64;

    /// <summary>The image at full size.</summary>
    public static RgbImage Decode(ReadOnlySpan<byte> bytes, JpegFrame frame) => DecodeScaled(bytes, frame, 8);

    /// <summary>The image at the smallest of 1, 2, 4 and 8 eighths whose shorter side is at least <paramref name="side"/>; whole where none is.</summary>
    public static RgbImage DecodeAtLeast(ReadOnlySpan<byte> bytes, JpegFrame frame, int side)
    {
        var shorter = Math.Min(frame.Header.Width, frame.Header.Height);
        var eighths = 1;
        while (eighths < 8 && Scaled(shorter, eighths) < side)
        {
            eighths *= 2;
        }

        return DecodeScaled(bytes, frame, eighths);
    }

    /// <summary>The image at exactly <paramref name="width"/> × <paramref name="height"/>, into <paramref name="pixels"/>.</summary>
    /// <remarks>
    /// Plain YCbCr and grey files are resized plane by plane and turned into RGB last: the chroma planes are smaller, are never
    /// upsampled to full size, and are rounded once.
    /// </remarks>
    public static void DecodeToSize(ReadOnlySpan<byte> bytes, JpegFrame frame, int width, int height, Span<byte> pixels)
    {
        var eighths = Eighths(frame, width, height);
        if (frame.Layout.Planes > 0)
        {
            DecodePlanes(bytes, frame, eighths, width, height, pixels);
            return;
        }
        var scaled = DecodeScaled(bytes, frame, eighths);
        var (extentAcross, extentDown) = (frame.Header.Width * eighths / 8.0, frame.Header.Height * eighths / 8.0);
        ImageResize.To(scaled, extentAcross, extentDown, width, height, pixels, ResizeKernelChoice.Best);
    }

    /// <summary>
    /// The smallest of 1, 2, 4 and 8 eighths at which the image is at least the wanted size, and its chroma planes at least half of
    /// it (what 4:2:0 would keep of the result); 8 where none is.
    /// </summary>
    /// <remarks>
    /// libjpeg-turbo has vector code for these four only. Measured on a 500 x 375 photograph: 8/8 0.57 ms, 7/8 0.84 ms,
    /// 6/8 0.72 ms, 5/8 0.65 ms, 4/8 0.51 ms, 3/8 0.64 ms; so the sizes between cost more than the next larger one.
    /// </remarks>
    internal static int Eighths(JpegFrame frame, int width, int height)
    {
        var (across, down) = (Math.Max(1.0, frame.Layout.ChromaAcross / 2.0), Math.Max(1.0, frame.Layout.ChromaDown / 2.0));
        var eighths = 1;
        while (
            eighths < 8 && (Scaled(frame.Header.Width, eighths) < width * across || Scaled(frame.Header.Height, eighths) < height * down)
        )
        {
            eighths *= 2;
        }
        return eighths;
    }

    private static int Scaled(int size, int eighths) => ((size * eighths) + 7) / 8;

    private static RgbImage DecodeScaled(ReadOnlySpan<byte> bytes, JpegFrame frame, int eighths)
    {
        var (width, height) = (Scaled(frame.Header.Width, eighths), Scaled(frame.Header.Height, eighths));
        var cmyk = frame.Components == 4;
        var samples = GC.AllocateUninitializedArray<byte>(checked(width * height * (cmyk ? 4 : 3)));
        var handle = TurboJpeg.InitDecompress();
        try
        {
            fixed (byte* data = bytes)
            fixed (byte* target = samples)
            {
                var format = cmyk ? TurboJpeg.PixelsCmyk : TurboJpeg.PixelsRgb;
                var result = TurboJpeg.Decompress(
                    handle,
                    data,
                    (nuint)bytes.Length,
                    target,
                    width,
                    0,
                    height,
                    format,
                    TurboJpeg.LimitScans
                );
                Check(handle, result);
            }
        }
        finally
        {
            _ = TurboJpeg.Destroy(handle);
        }
        return new RgbImage(width, height, cmyk ? Cmyk.ToRgb(samples, inverted: true) : samples);
    }

    private static void DecodePlanes(ReadOnlySpan<byte> bytes, JpegFrame frame, int eighths, int width, int height, Span<byte> pixels)
    {
        var layout = frame.Layout;
        var (lumaWidth, lumaHeight) = (Scaled(frame.Header.Width, eighths), Scaled(frame.Header.Height, eighths));
        var (chromaWidth, chromaHeight) = (Divide(lumaWidth, layout.ChromaAcross), Divide(lumaHeight, layout.ChromaDown));
        var lumaStride = Divide(chromaWidth * layout.ChromaAcross, RowAlignment) * RowAlignment;
        var chromaStride = Divide(chromaWidth, RowAlignment) * RowAlignment;
        var lumaBytes = lumaStride * chromaHeight * layout.ChromaDown;
        var chromaBytes = layout.Planes == 3 ? chromaStride * chromaHeight : 0;

        var samples = ArrayPool<byte>.Shared.Rent(checked(lumaBytes + (2 * chromaBytes)));
        var resized = ArrayPool<short>.Shared.Rent(checked(layout.Planes * PlanePadding.Stride(width) * height));
        try
        {
            DecodeInto(
                bytes,
                samples,
                lumaWidth,
                lumaHeight,
                [lumaStride, chromaStride, chromaStride],
                [0, lumaBytes, lumaBytes + chromaBytes]
            );
            var planeLength = PlanePadding.Stride(width) * height;
            for (var plane = 0; plane < layout.Planes; plane++)
            {
                var luma = plane == 0;
                var (across, down) = luma ? (1, 1) : (layout.ChromaAcross, layout.ChromaDown);
                var source = new ByteRows(
                    samples.AsSpan(luma ? 0 : lumaBytes + ((plane - 1) * chromaBytes)),
                    luma ? lumaStride : chromaStride,
                    luma ? lumaWidth : chromaWidth
                );
                var columns = ResizeAxis.Of(source.Width, frame.Header.Width * eighths / 8.0 / across, width);
                var rows = ResizeAxis.Of(luma ? lumaHeight : chromaHeight, frame.Header.Height * eighths / 8.0 / down, height);
                PlaneResize.To(source, columns, rows, resized.AsSpan(plane * planeLength, planeLength), ResizeKernelChoice.Best);
            }
            YccToRgb.Convert(resized, layout.Planes, width, height, pixels, ResizeKernelChoice.Best);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(samples);
            ArrayPool<short>.Shared.Return(resized);
        }
    }

    private static int Divide(int size, int by) => (size + by - 1) / by;

    private static void DecodeInto(
        ReadOnlySpan<byte> bytes,
        byte[] samples,
        int width,
        int height,
        ReadOnlySpan<int> strides,
        ReadOnlySpan<int> offsets
    )
    {
        var handle = TurboJpeg.InitDecompress();
        try
        {
            fixed (byte* data = bytes)
            fixed (byte* target = samples)
            fixed (int* pitches = strides)
            {
                var planes = stackalloc byte*[3];
                for (var plane = 0; plane < 3; plane++)
                {
                    planes[plane] = target + offsets[plane];
                }
                var result = TurboJpeg.DecompressToPlanes(
                    handle,
                    data,
                    (nuint)bytes.Length,
                    planes,
                    width,
                    pitches,
                    height,
                    TurboJpeg.LimitScans
                );
                Check(handle, result);
            }
        }
        finally
        {
            _ = TurboJpeg.Destroy(handle);
        }
    }

    /// <summary>Turns errors and warnings into rejections, but for one warning that leaves every pixel whole.</summary>
    /// <remarks>
    /// libjpeg keeps the text of the first warning. "N extraneous bytes before marker 0xd9" as the first means that every
    /// pixel was decoded without a fault and that padding stands before the end marker: the image is good. All other warnings
    /// (a truncated file, a bad code, a lost restart marker) mean pixels that were made up, or may hide such.
    /// </remarks>
    private static void Check(nint handle, int result)
    {
        if (result == 0)
        {
            return;
        }
        var text = TurboJpeg.ErrorText(handle);
        if (
            TurboJpeg.ErrorCode(handle) == TurboJpeg.Warning
            && text.EndsWith("extraneous bytes before marker 0xd9", StringComparison.Ordinal)
        )
        {
            return;
        }
        throw text.Contains("Premature end of JPEG file", StringComparison.Ordinal)
            ? ImageRejectedException.Truncated("The JPEG ends before its last row is decoded; the whole image is wanted.")
            : ImageRejectedException.Corrupt($"The JPEG cannot be decoded whole (libjpeg-turbo: {text}); no fault is accepted.");
    }
}

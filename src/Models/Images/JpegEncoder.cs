namespace Pipeline.Models.Images;

/// <summary>How many pixels share one colour sample in a JPEG.</summary>
public enum ChromaSubsampling
{
    /// <summary>4:4:4, one colour sample a pixel: the largest and most faithful.</summary>
    None,

    /// <summary>4:2:0, one colour sample for two by two pixels: the usual.</summary>
    Quarter,
}

/// <summary>Encodes baseline JPEG with libjpeg-turbo.</summary>
public static unsafe class JpegEncoder
{
    /// <summary>A JFIF file of one baseline scan; the accurate integer DCT at every quality, so equal input gives equal bytes on every processor.</summary>
    /// <param name="image">Sides of at most <see cref="ImageResize.MostSidePixels"/>.</param>
    /// <param name="quality">libjpeg's scale, 1 (worst) to 100; 90 shows no artefacts at normal size.</param>
    /// <param name="subsampling">How colour is thinned out.</param>
    /// <exception cref="ArgumentOutOfRangeException">The quality or a side is out of range.</exception>
    public static byte[] Encode(RgbImage image, int quality = 90, ChromaSubsampling subsampling = ChromaSubsampling.Quarter) =>
        Encode(image, quality, subsampling == ChromaSubsampling.None ? TurboJpeg.Subsampling444 : TurboJpeg.Subsampling420);

    /// <summary>With any of TurboJPEG's subsamplings.</summary>
    internal static byte[] Encode(RgbImage image, int quality, int subsampling)
    {
        if (quality is < 1 or > 100)
        {
            throw new ArgumentOutOfRangeException(
                nameof(quality),
                $"The JPEG quality is {quality}; it must be between 1 and 100. Set it in that range."
            );
        }
        ImageResize.CheckSize(image.Width, image.Height);
        PngEncoder.CheckLength(image);
        byte* jpeg = null;
        nuint size = 0;
        var handle = TurboJpeg.InitCompress();
        try
        {
            fixed (byte* pixels = image.Pixels)
            {
                var result = TurboJpeg.Compress(
                    handle,
                    pixels,
                    image.Width,
                    0,
                    image.Height,
                    TurboJpeg.PixelsRgb,
                    &jpeg,
                    &size,
                    subsampling,
                    quality,
                    TurboJpeg.AccurateDct
                );
                return result == 0
                    ? new ReadOnlySpan<byte>(jpeg, checked((int)size)).ToArray()
                    : throw new InvalidOperationException(
                        $"libjpeg-turbo cannot encode an image of {image.Width} x {image.Height} pixels: {TurboJpeg.ErrorText(handle)}."
                    );
            }
        }
        finally
        {
            TurboJpeg.Free(jpeg);
            _ = TurboJpeg.Destroy(handle);
        }
    }
}

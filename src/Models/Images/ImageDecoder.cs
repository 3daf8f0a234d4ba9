namespace Pipeline.Models.Images;

/// <summary>Decodes JPEG, PNG, GIF, WebP, BMP and TIFF from memory to upright RGB.</summary>
/// <remarks>
/// <para>Rules: the format is told by the first bytes. The size in the header is checked against the limit before memory is taken.
/// EXIF orientation is applied, and a malformed one counts as none. 16-bit samples keep their high byte. Transparency is composited
/// over white. Of several frames or pages the first is taken. Grey is spread to three channels; CMYK is converted by the rule in
/// <see cref="Cmyk"/>. Embedded colour profiles are not applied.</para>
/// <para>Damage is never papered over: a file whose first frame cannot be decoded whole is rejected. Frames after it are not looked at.</para>
/// <para>All methods are pure, thread safe, and run on the calling thread alone.</para>
/// </remarks>
public static class ImageDecoder
{
    /// <summary>The image at full size.</summary>
    /// <param name="bytes">The whole encoded file.</param>
    /// <param name="limits">The pixel limit; by default <see cref="DecodeLimits"/> as it comes.</param>
    /// <exception cref="ImageRejectedException">The bytes are not taken as an image; says why.</exception>
    public static RgbImage Decode(ReadOnlySpan<byte> bytes, DecodeLimits? limits = null)
    {
        var (header, frame) = Open(bytes, limits ??= DecodeLimits.Default);
        return Upright.Turn(DecodeStored(bytes, header, frame, limits), header.Orientation);
    }

    /// <summary>The image at exactly this size; the aspect ratio is not kept (ALIA's <c>Resize((s, s))</c>).</summary>
    /// <remarks>
    /// JPEG is decoded at the smallest of 1, 2, 4 and 8 eighths that is at least the wanted size, then resized by the filter of
    /// <see cref="ImageResize"/>: faster than full decoding and resizing, and 0.2 to
    /// 1.1 grey levels from it on average (noisy pictures of 160 to 1,200 pixels).
    /// </remarks>
    /// <param name="bytes">The whole encoded file.</param>
    /// <param name="width">Pixels in a row of the upright result, 1 to <see cref="ImageResize.MostSidePixels"/>.</param>
    /// <param name="height">Rows of the upright result, 1 to <see cref="ImageResize.MostSidePixels"/>.</param>
    /// <param name="limits">The pixel limit; by default <see cref="DecodeLimits"/> as it comes.</param>
    /// <exception cref="ImageRejectedException">The bytes are not taken as an image; says why.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A side is out of range.</exception>
    public static RgbImage DecodeToSize(ReadOnlySpan<byte> bytes, int width, int height, DecodeLimits? limits = null)
    {
        ImageResize.CheckSize(width, height);
        var (header, frame) = Open(bytes, limits ??= DecodeLimits.Default);
        return ToSize(bytes, header, frame, width, height, limits);
    }

    /// <summary>The image at exactly this size, by the resizing that is asked for.</summary>
    /// <param name="bytes">The whole encoded file.</param>
    /// <param name="width">Pixels in a row of the upright result, 1 to <see cref="ImageResize.MostSidePixels"/>.</param>
    /// <param name="height">Rows of the upright result, 1 to <see cref="ImageResize.MostSidePixels"/>.</param>
    /// <param name="resize">Speed or exactness.</param>
    /// <param name="limits">What the header may claim; by default <see cref="DecodeLimits"/> as it comes.</param>
    /// <exception cref="ImageRejectedException">The bytes are not taken as an image; says why.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A side is out of range.</exception>
    public static RgbImage DecodeToSize(ReadOnlySpan<byte> bytes, int width, int height, ResizeQuality resize, DecodeLimits? limits = null)
    {
        ImageResize.CheckSize(width, height);
        return resize switch
        {
            ResizeQuality.Bilinear => PillowResize.Bilinear(Decode(bytes, limits), width, height),
            ResizeQuality.Bicubic => PillowResize.Bicubic(Decode(bytes, limits), width, height),
            _ => DecodeToSize(bytes, width, height, limits),
        };
    }

    /// <summary>The image with its shorter side at <paramref name="side"/> pixels and the longer in proportion, rounded down (torchvision's <c>Resize(s)</c>).</summary>
    /// <param name="bytes">The whole encoded file.</param>
    /// <param name="side">Pixels of the shorter side, 1 to <see cref="ImageResize.MostSidePixels"/>; the longer must stay in that range too.</param>
    /// <param name="limits">The pixel limit; by default <see cref="DecodeLimits"/> as it comes.</param>
    /// <exception cref="ImageRejectedException">The bytes are not taken as an image; says why.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A side is out of range.</exception>
    public static RgbImage DecodeToShortSide(ReadOnlySpan<byte> bytes, int side, DecodeLimits? limits = null)
    {
        var (header, frame) = Open(bytes, limits ??= DecodeLimits.Default);
        var (width, height) = ((long)header.UprightWidth, (long)header.UprightHeight);
        var across = width <= height ? side : side * width / height;
        var down = width <= height ? side * height / width : side;
        ImageResize.CheckSize((int)Math.Min(across, int.MaxValue), (int)Math.Min(down, int.MaxValue));
        return ToSize(bytes, header, frame, (int)across, (int)down, limits);
    }

    /// <summary>The image at the smallest size that its format can be decoded to directly and whose shorter side is at least <paramref name="side"/>: for JPEG 1, 2, 4 or 8 eighths.</summary>
    /// <returns>The image, and the width and height in pixels that it has at full size; both upright.</returns>
    /// <param name="bytes">The whole encoded file.</param>
    /// <param name="side">Pixels, at least 1.</param>
    /// <param name="limits">What the header may claim; by default <see cref="DecodeLimits"/> as it comes.</param>
    /// <exception cref="ImageRejectedException">The bytes are not taken as an image; says why.</exception>
    public static (RgbImage Image, int Width, int Height) DecodeScaled(ReadOnlySpan<byte> bytes, int side, DecodeLimits? limits = null)
    {
        var (header, frame) = Open(bytes, limits ??= DecodeLimits.Default);
        var stored = frame is null ? DecodeStored(bytes, header, frame, limits) : JpegDecoder.DecodeAtLeast(bytes, frame, side);
        return (Upright.Turn(stored, header.Orientation), header.UprightWidth, header.UprightHeight);
    }

    private static (ImageHeader Header, JpegFrame? Frame) Open(ReadOnlySpan<byte> bytes, DecodeLimits limits)
    {
        var header = ImageHeader.Read(bytes);
        limits.Check(header);
        return (header, header.Format == ImageFormat.Jpeg ? JpegFrame.Read(bytes) : null);
    }

    private static RgbImage DecodeStored(ReadOnlySpan<byte> bytes, ImageHeader header, JpegFrame? frame, DecodeLimits limits) =>
        frame is not null ? JpegDecoder.Decode(bytes, frame)
        : header.Format == ImageFormat.Bmp ? BmpDecoder.Decode(bytes)
        : VipsDecoder.Decode(bytes, header.Format, limits);

    private static RgbImage ToSize(
        ReadOnlySpan<byte> bytes,
        ImageHeader header,
        JpegFrame? frame,
        int width,
        int height,
        DecodeLimits limits
    )
    {
        var (storedWidth, storedHeight) = header.Orientation >= 5 ? (height, width) : (width, height);
        if (frame is null)
        {
            var stored = DecodeStored(bytes, header, frame, limits);
            return Upright.Turn(ImageResize.To(stored, storedWidth, storedHeight), header.Orientation);
        }
        var pixels = GC.AllocateUninitializedArray<byte>(checked(width * height * 3));
        JpegDecoder.DecodeToSize(bytes, frame, storedWidth, storedHeight, pixels);
        return Upright.Turn(new RgbImage(storedWidth, storedHeight, pixels), header.Orientation);
    }
}

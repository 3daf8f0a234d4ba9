using NetVips;

namespace Pipeline.Models.Images;

/// <summary>Decodes PNG, GIF, WebP and TIFF with libvips, as stored: the caller turns the image upright.</summary>
/// <remarks>
/// libvips runs on the calling thread alone, keeps no operation cache and opens no format but the one told by the first bytes;
/// its loaders marked untrusted are blocked. Samples of 16 bits keep their high byte; transparency is composited over white;
/// embedded colour profiles are not applied.
/// </remarks>
internal static class VipsDecoder
{
    static VipsDecoder() => VipsSettings.Apply();

    /// <summary>The first frame or page at full size.</summary>
    /// <exception cref="ImageRejectedException">Damaged, cut, above the limit, or of a sample type not taken here.</exception>
    public static RgbImage Decode(ReadOnlySpan<byte> bytes, ImageFormat format, DecodeLimits limits)
    {
        try
        {
            using var loaded = Load(bytes.ToArray(), format);
            limits.Check(format, loaded.Width, loaded.Height);
            return ToRgb(loaded, format);
        }
        catch (VipsException fault)
        {
            throw IsCut(bytes, format)
                ? new ImageRejectedException(
                    RejectionKind.Truncated,
                    $"The {format.Name()} ends after {bytes.Length:N0} bytes, before its last row; the whole image is wanted. "
                        + "The file is cut short: fetch it again or leave it out.",
                    fault
                )
                : new ImageRejectedException(
                    RejectionKind.Corrupt,
                    $"The {format.Name()} of {bytes.Length:N0} bytes cannot be decoded whole; no fault is accepted. "
                        + "The file is damaged: fetch it again or leave it out.",
                    fault
                );
        }
    }

    private static Image Load(byte[] bytes, ImageFormat format)
    {
        const Enums.Access Access = Enums.Access.Sequential;
        const Enums.FailOn FailOn = Enums.FailOn.Error;
        return format switch
        {
            ImageFormat.Png => Image.PngloadBuffer(bytes, access: Access, failOn: FailOn),
            ImageFormat.Gif => Image.GifloadBuffer(bytes, access: Access, failOn: FailOn),
            ImageFormat.WebP => Image.WebploadBuffer(bytes, access: Access, failOn: FailOn),
            _ => Image.TiffloadBuffer(bytes, access: Access, failOn: FailOn),
        };
    }

    private static RgbImage ToRgb(Image loaded, ImageFormat format)
    {
        using var narrow = Narrow(loaded, format);
        if (narrow.Bands is < 1 or > 5)
        {
            throw ImageRejectedException.Unsupported($"The {format.Name()} has {narrow.Bands} channels; 1 to 4 and alpha are wanted.");
        }
        if (narrow.Interpretation == Enums.Interpretation.Cmyk && narrow.Bands >= 4)
        {
            using var ink = narrow.ExtractBand(0, n: 4);
            return new RgbImage(ink.Width, ink.Height, Cmyk.ToRgb(ink.WriteToMemory<byte>(), inverted: false));
        }
        using var opaque = narrow.HasAlpha() ? narrow.Flatten(background: [255], maxAlpha: 255) : narrow.Copy();
        using var color = opaque.Interpretation == Enums.Interpretation.Lab ? opaque.Colourspace(Enums.Interpretation.Srgb) : opaque.Copy();
        var samples = color.WriteToMemory<byte>();
        return new RgbImage(color.Width, color.Height, color.Bands >= 3 ? FirstThree(samples, color.Bands) : Spread(samples, color.Bands));
    }

    private static Image Narrow(Image loaded, ImageFormat format)
    {
        if (loaded.Format == Enums.BandFormat.Uchar || loaded.Interpretation == Enums.Interpretation.Lab)
        {
            return loaded.Copy();
        }
        if (loaded.Format != Enums.BandFormat.Ushort)
        {
            throw ImageRejectedException.Unsupported(
                $"The {format.Name()} has samples of type {loaded.Format}; unsigned samples of at most 16 bits are wanted."
            );
        }
        using var high = loaded >> 8;
        using var bytes = high.Cast(Enums.BandFormat.Uchar);
        return bytes.Copy(
            interpretation: loaded.Interpretation switch
            {
                Enums.Interpretation.Rgb16 => Enums.Interpretation.Srgb,
                Enums.Interpretation.Grey16 => Enums.Interpretation.Bw,
                var same => same,
            }
        );
    }

    private static byte[] FirstThree(byte[] samples, int bands)
    {
        if (bands == 3)
        {
            return samples;
        }
        var pixels = GC.AllocateUninitializedArray<byte>(samples.Length / bands * 3);
        for (var (from, to) = (0, 0); to < pixels.Length; (from, to) = (from + bands, to + 3))
        {
            samples.AsSpan(from, 3).CopyTo(pixels.AsSpan(to));
        }
        return pixels;
    }

    private static byte[] Spread(byte[] samples, int bands)
    {
        var pixels = GC.AllocateUninitializedArray<byte>(samples.Length / bands * 3);
        for (var (from, to) = (0, 0); to < pixels.Length; (from, to) = (from + bands, to + 3))
        {
            pixels[to] = pixels[to + 1] = pixels[to + 2] = samples[from];
        }
        return pixels;
    }

    private static bool IsCut(ReadOnlySpan<byte> bytes, ImageFormat format) =>
        format switch
        {
            ImageFormat.Png => !PngHeader.IsWhole(bytes),
            ImageFormat.WebP => !WebPHeader.IsWhole(bytes),
            ImageFormat.Gif => bytes[^1] != 0x3B,
            _ => false,
        };
}

namespace Pipeline.Models.Images;

/// <summary>Turns CMYK ink into RGB light.</summary>
/// <remarks>
/// The plain rule, without a colour profile, as Pillow's: <c>R = (255 − C)(255 − K) / 255</c>, rounded; green and blue likewise from M and Y.
/// Adobe's programs store a JPEG's CMYK samples inverted (255 is no ink), and so do the programs that followed them: a JPEG's samples
/// are always taken as 255 − ink, whether or not an Adobe marker says who wrote it, as libvips and Pillow take them. A TIFF's samples
/// are ink (TIFF 6.0, section 16).
/// </remarks>
internal static class Cmyk
{
    /// <summary>Four bytes a pixel to three.</summary>
    public static byte[] ToRgb(ReadOnlySpan<byte> samples, bool inverted)
    {
        var pixels = GC.AllocateUninitializedArray<byte>(samples.Length / 4 * 3);
        var flip = inverted ? 0 : 255;
        for (var (from, to) = (0, 0); from < samples.Length; (from, to) = (from + 4, to + 3))
        {
            var light = samples[from + 3] ^ flip;
            pixels[to] = Scale(samples[from] ^ flip, light);
            pixels[to + 1] = Scale(samples[from + 1] ^ flip, light);
            pixels[to + 2] = Scale(samples[from + 2] ^ flip, light);
        }
        return pixels;
    }

    private static byte Scale(int light, int black) => (byte)(((light * black) + 127) / 255);
}

namespace Pipeline.Models.Images;

/// <summary>The formats that are decoded, told by their first bytes and never by a file name.</summary>
public enum ImageFormat
{
    /// <summary>Baseline and progressive, 8 bits: grey, YCbCr, RGB, CMYK and YCCK.</summary>
    Jpeg,

    /// <summary>All bit depths, palettes, transparency and interlacing; of an animation the still image.</summary>
    Png,

    /// <summary>87a and 89a; the first frame.</summary>
    Gif,

    /// <summary>Lossy, lossless and with transparency; of an animation the first frame.</summary>
    WebP,

    /// <summary>Uncompressed Windows bitmaps of 1, 4, 8, 16, 24 and 32 bits.</summary>
    Bmp,

    /// <summary>Classic TIFF of 8 or 16 bits; the first page.</summary>
    Tiff,
}

/// <summary>Tells formats apart by their first bytes.</summary>
internal static class ImageSignature
{
    /// <summary>The format as people write it, for messages.</summary>
    public static string Name(this ImageFormat format) => format is ImageFormat.WebP ? "WebP" : format.ToString().ToUpperInvariant();

    /// <summary>The format of <paramref name="bytes"/>.</summary>
    /// <exception cref="ImageRejectedException">Empty, not an image, or an image of another format.</exception>
    public static ImageFormat Tell(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            throw new ImageRejectedException(
                RejectionKind.Empty,
                "The image has 0 bytes; an encoded image is wanted. Fetch the file again or leave it out."
            );
        }
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
        {
            return ImageFormat.Jpeg;
        }
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
        {
            return ImageFormat.Png;
        }
        if (bytes.StartsWith("GIF87a"u8) || bytes.StartsWith("GIF89a"u8))
        {
            return ImageFormat.Gif;
        }
        if (bytes.Length >= 12 && bytes.StartsWith("RIFF"u8) && bytes[8..12].SequenceEqual("WEBP"u8))
        {
            return ImageFormat.WebP;
        }
        if (
            bytes.Length >= 18
            && bytes.StartsWith("BM"u8)
            && bytes[14] is 12 or 40 or 52 or 56 or 64 or 108 or 124
            && bytes[15..18].IndexOfAnyExcept((byte)0) < 0
        )
        {
            return ImageFormat.Bmp;
        }
        if (bytes.StartsWith("II*\0"u8) || bytes.StartsWith("MM\0*"u8))
        {
            return ImageFormat.Tiff;
        }
        throw OtherFormat(bytes) is { } other
            ? ImageRejectedException.Unsupported($"The image is a {other}; JPEG, PNG, GIF, WebP, BMP or TIFF is wanted.")
            : new ImageRejectedException(
                RejectionKind.NotAnImage,
                $"The file is not an image: its first bytes are {FirstBytes(bytes)}; those of JPEG, PNG, GIF, WebP, BMP or TIFF are wanted. "
                    + "Leave it out, or fetch the image that its name promises."
            );
    }

    private static string? OtherFormat(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= 12 && bytes[4..8].SequenceEqual("ftyp"u8) && IsImageBrand(bytes[8..12]) ? "HEIF or AVIF"
        : bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x0A]) || bytes.StartsWith("\0\0\0\x0CJXL "u8) ? "JPEG XL"
        : bytes.StartsWith("\0\0\0\x0CjP  "u8) ? "JPEG 2000"
        : bytes.StartsWith("II+\0"u8) || bytes.StartsWith("MM\0+"u8) ? "BigTIFF"
        : null;

    private static bool IsImageBrand(ReadOnlySpan<byte> brand) =>
        brand.SequenceEqual("avif"u8) || brand.SequenceEqual("avis"u8) || brand.StartsWith("hei"u8) || brand.SequenceEqual("mif1"u8);

    private static string FirstBytes(ReadOnlySpan<byte> bytes)
    {
        var first = bytes[..Math.Min(bytes.Length, 12)];
        Span<char> text = stackalloc char[first.Length];
        for (var index = 0; index < first.Length; index++)
        {
            text[index] = first[index] is >= 0x20 and < 0x7F ? (char)first[index] : '.';
        }
        return $"{string.Join(' ', Convert.ToHexString(first).Chunk(2).Select(pair => new string(pair)))} (\"{text}\")";
    }
}

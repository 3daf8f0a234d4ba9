namespace Pipeline.Models.Images;

/// <summary>What an encoded image says of itself before its pixels are decoded.</summary>
/// <param name="Format">Told by the first bytes.</param>
/// <param name="Width">Pixels in a row as stored, before <paramref name="Orientation"/>; at least 1.</param>
/// <param name="Height">Rows as stored, before <paramref name="Orientation"/>; at least 1.</param>
/// <param name="Orientation">EXIF 2.3, tag 0x0112: 1 (upright) to 8. A missing or malformed tag counts as 1.</param>
public sealed record ImageHeader(ImageFormat Format, int Width, int Height, int Orientation)
{
    /// <summary>Frames of an animation or pages of a document, as the header or the chain of blocks counts them; at least 1, not counted beyond a cut.</summary>
    public long Frames { get; init; } = 1;

    /// <summary>Bytes of EXIF, colour profile, XMP, comments and texts as stored, where they stand before the pixels or in chunks of their own.</summary>
    public long MetadataBytes { get; init; }

    /// <summary>Pixels in a row of the decoded image, which is turned upright.</summary>
    public int UprightWidth => Orientation >= 5 ? Height : Width;

    /// <summary>Rows of the decoded image, which is turned upright.</summary>
    public int UprightHeight => Orientation >= 5 ? Width : Height;

    /// <summary>Reads the header alone: no pixel is decoded, no memory beyond the record is taken, and no size limit is applied.</summary>
    /// <param name="bytes">The whole encoded file.</param>
    /// <exception cref="ImageRejectedException">Empty, not an image, unsupported, or its header is cut or contradicts itself.</exception>
    public static ImageHeader Read(ReadOnlySpan<byte> bytes)
    {
        var format = ImageSignature.Tell(bytes);
        var header = format switch
        {
            ImageFormat.Jpeg => JpegFrame.Read(bytes).Header,
            ImageFormat.Png => PngHeader.Read(bytes),
            ImageFormat.Gif => GifHeader.Read(bytes),
            ImageFormat.WebP => WebPHeader.Read(bytes),
            ImageFormat.Bmp => BmpHeader.Read(bytes).Header,
            _ => TiffDirectory.ReadHeader(bytes),
        };
        return header.Width > 0 && header.Height > 0
            ? header
            : throw ImageRejectedException.Corrupt(
                $"The {format.Name()} is {header.Width:N0} x {header.Height:N0} pixels; both must be at least 1."
            );
    }
}

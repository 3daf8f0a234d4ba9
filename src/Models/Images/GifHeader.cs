namespace Pipeline.Models.Images;

/// <summary>GIF 87a and 89a: the logical screen.</summary>
internal static class GifHeader
{
    /// <summary>Size of the logical screen; GIF knows no orientation.</summary>
    public static ImageHeader Read(ReadOnlySpan<byte> bytes)
    {
        var header = new HeaderBytes(bytes, ImageFormat.Gif);
        header.Slice(0, 13);
        return new ImageHeader(ImageFormat.Gif, header.Little16(6), header.Little16(8), 1);
    }
}

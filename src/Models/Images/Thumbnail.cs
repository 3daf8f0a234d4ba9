namespace Pipeline.Models.Images;

/// <summary>A small picture as JPEG.</summary>
/// <param name="Jpeg">The file.</param>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
public sealed record Thumbnail(byte[] Jpeg, int Width, int Height)
{
    private const int Side = 160; // the longer one; on a dense screen still as sharp as a card is wide
    private const int Quality = 80;

    /// <summary>Of a picture of any size; a small one stays as it is.</summary>
    public static Thumbnail Of(RgbImage picture)
    {
        var longer = Math.Max(picture.Width, picture.Height);
        var small =
            longer <= Side
                ? picture
                : ImageResize.To(
                    picture,
                    Math.Max(1, (int)((long)picture.Width * Side / longer)),
                    Math.Max(1, (int)((long)picture.Height * Side / longer))
                );
        return new Thumbnail(JpegEncoder.Encode(small, Quality), small.Width, small.Height);
    }
}

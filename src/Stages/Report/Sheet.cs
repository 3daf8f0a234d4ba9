using Pipeline.Models.Images;

namespace Pipeline.Stages.Report;

/// <summary>A picture that is being drawn; what falls outside is not drawn.</summary>
internal sealed class Sheet
{
    private const int Channels = 3;
    private readonly byte[] pixels;

    /// <summary>A sheet of one colour.</summary>
    public Sheet(int width, int height, Colour ground)
    {
        (Width, Height) = (width, height);
        pixels = new byte[width * height * Channels];
        Fill(0, 0, width, height, ground);
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Fills a rectangle.</summary>
    public void Fill(int left, int top, int width, int height, Colour colour)
    {
        for (var y = Math.Max(top, 0); y < Math.Min(top + height, Height); y++)
        {
            for (var x = Math.Max(left, 0); x < Math.Min(left + width, Width); x++)
            {
                var at = ((y * Width) + x) * Channels;
                (pixels[at], pixels[at + 1], pixels[at + 2]) = (colour.Red, colour.Green, colour.Blue);
            }
        }
    }

    /// <summary>Puts a picture with its upper left corner here.</summary>
    public void Put(int left, int top, RgbImage image)
    {
        var width = Math.Min(image.Width, Width - left) * Channels;
        for (var y = 0; y < image.Height && top + y < Height; y++)
            image.Pixels.AsSpan(y * image.Width * Channels, width).CopyTo(pixels.AsSpan((((top + y) * Width) + left) * Channels));
    }

    /// <summary>Writes one line; <paramref name="scale"/> is the size of a font pixel in pixels.</summary>
    public void Write(int left, int top, string text, int scale, Colour colour)
    {
        for (var index = 0; index < text.Length; index++)
        {
            for (var y = 0; y < BitmapFont.Height; y++)
            {
                for (var x = 0; x < BitmapFont.Advance; x++)
                {
                    if (BitmapFont.IsSet(text[index], x, y))
                        Fill(left + (((index * BitmapFont.Advance) + x) * scale), top + (y * scale), scale, scale, colour);
                }
            }
        }
    }

    /// <summary>The picture; the sheet is not drawn on after this.</summary>
    public RgbImage ToImage() => new(Width, Height, pixels);
}

using System.Runtime.InteropServices;
using Pipeline.Models.Images;

namespace Pipeline.Models.Procedural;

/// <summary>A picture under the brush: three planes of <c>[height, width] float32</c>, gamma-coded, 0 to 1 (effects may pass either end; the last step limits).</summary>
internal sealed class Canvas
{
    /// <summary>The edge for which lengths of the effects are written; see <see cref="Unit"/>.</summary>
    public const float DesignEdge = 160;

    private Canvas(int width, int height)
    {
        Width = width;
        Height = height;
        Red = new float[width * height];
        Green = new float[width * height];
        Blue = new float[width * height];
        Unit = MathF.Sqrt((float)width * height) / DesignEdge;
    }

    public int Width { get; }
    public int Height { get; }
    public float[] Red { get; }
    public float[] Green { get; }
    public float[] Blue { get; }

    /// <summary>Pixels in a length of 1 on a picture of 160 × 160, so that small and large pictures look alike.</summary>
    public float Unit { get; }

    /// <summary>Decodes bytes to planes.</summary>
    public static Canvas From(RgbImage image)
    {
        if (image.Width < 1 || image.Height < 1 || image.Pixels.Length != (long)image.Width * image.Height * 3)
        {
            throw new InvalidDataException(
                $"The image to edit is {image.Width} × {image.Height} with {image.Pixels.Length} bytes; it must be at least 1 × 1 "
                    + "with width × height × 3 bytes. Decode it to interleaved 8-bit RGB."
            );
        }

        const float scale = 1f / 255;
        var canvas = new Canvas(image.Width, image.Height);
        var pixels = image.Pixels;
        for (int i = 0, p = 0; i < canvas.Red.Length; i++, p += 3)
        {
            canvas.Red[i] = pixels[p] * scale;
            canvas.Green[i] = pixels[p + 1] * scale;
            canvas.Blue[i] = pixels[p + 2] * scale;
        }

        return canvas;
    }

    public Canvas Copy()
    {
        var copy = new Canvas(Width, Height);
        Red.CopyTo(copy.Red, 0);
        Green.CopyTo(copy.Green, 0);
        Blue.CopyTo(copy.Blue, 0);
        return copy;
    }

    /// <summary>Moves every pixel from <paramref name="source"/> towards this canvas by <paramref name="share"/>, 0 to 1.</summary>
    public void MixFrom(Canvas source, float share)
    {
        for (var i = 0; i < Red.Length; i++)
        {
            Red[i] = source.Red[i] + (Math.Clamp(Red[i], 0, 1) - source.Red[i]) * share;
            Green[i] = source.Green[i] + (Math.Clamp(Green[i], 0, 1) - source.Green[i]) * share;
            Blue[i] = source.Blue[i] + (Math.Clamp(Blue[i], 0, 1) - source.Blue[i]) * share;
        }
    }

    /// <summary>Luma of Rec. 709 of one pixel.</summary>
    public float Luma(int index) => 0.2126f * Red[index] + 0.7152f * Green[index] + 0.0722f * Blue[index];

    /// <summary>Means of the three planes.</summary>
    public Shade Mean()
    {
        double red = 0;
        double green = 0;
        double blue = 0;
        for (var i = 0; i < Red.Length; i++)
        {
            red += Red[i];
            green += Green[i];
            blue += Blue[i];
        }

        return new Shade((float)(red / Red.Length), (float)(green / Red.Length), (float)(blue / Red.Length));
    }

    /// <summary>Moves one pixel towards <paramref name="colour"/> by <paramref name="share"/>.</summary>
    public void Blend(int index, Shade colour, float share)
    {
        Red[index] += (colour.Red - Red[index]) * share;
        Green[index] += (colour.Green - Green[index]) * share;
        Blue[index] += (colour.Blue - Blue[index]) * share;
    }

    /// <summary>Rounds to bytes, limited to 0 to 255.</summary>
    public RgbImage ToImage()
    {
        var pixels = new byte[Red.Length * 3];
        for (int i = 0, p = 0; i < Red.Length; i++, p += 3)
        {
            pixels[p] = ToByte(Red[i]);
            pixels[p + 1] = ToByte(Green[i]);
            pixels[p + 2] = ToByte(Blue[i]);
        }

        return new RgbImage(Width, Height, pixels);
    }

    private static byte ToByte(float value) => (byte)(Math.Clamp(value, 0, 1) * 255 + 0.5f);
}

/// <summary>A colour as gamma-coded floats, 0 to 1.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Shade(float Red, float Green, float Blue)
{
    public float Luma => 0.2126f * Red + 0.7152f * Green + 0.0722f * Blue;

    public static Shade operator *(Shade shade, float factor) => new(shade.Red * factor, shade.Green * factor, shade.Blue * factor);

    public static Shade operator *(Shade shade, Shade filter) =>
        new(shade.Red * filter.Red, shade.Green * filter.Green, shade.Blue * filter.Blue);
}

using NetVips;
using Pipeline.Models.Images;

namespace Pipeline.Models.Tests.Images;

/// <summary>Pictures and encoded files made by code, equal on every run.</summary>
internal static class Pictures
{
    /// <summary>Slopes, an edge and seeded noise, so that no two corners are alike.</summary>
    public static RgbImage Photo(int width, int height, int seed = 1)
    {
        var random = new Random(seed);
        var coarse = new byte[7 * 5 * 3];
        random.NextBytes(coarse);
        var image = ImageResize.To(new RgbImage(7, 5, coarse), width, height);
        var pixels = image.Pixels.ToArray();
        for (var at = 0; at < pixels.Length; at++)
        {
            var edge = at / 3 % width > width * 2 / 3 ? 40 : 0;
            pixels[at] = (byte)Math.Clamp(pixels[at] + random.Next(-12, 13) + edge, 0, 255);
        }
        return new RgbImage(width, height, pixels);
    }

    public static Image Vips(RgbImage image)
    {
        using var raw = Image.NewFromMemory(image.Pixels, image.Width, image.Height, 3, Enums.BandFormat.Uchar);
        return raw.Copy(interpretation: Enums.Interpretation.Srgb);
    }

    public static byte[] Jpeg(RgbImage image, int quality = 90, ChromaSubsampling subsampling = ChromaSubsampling.Quarter) =>
        JpegEncoder.Encode(image, quality, subsampling);

    public static byte[] CmykJpeg(int width, int height)
    {
        using var rgb = Vips(Photo(width, height));
        using var black = rgb.ExtractBand(1) / 3;
        using var joined = rgb.Bandjoin(black);
        using var narrow = joined.Cast(Enums.BandFormat.Uchar);
        using var ink = narrow.Copy(interpretation: Enums.Interpretation.Cmyk);
        return ink.JpegsaveBuffer(q: 95, keep: Enums.ForeignKeep.None);
    }

    /// <summary>Three frames of the size, each of one colour: red, green, blue.</summary>
    public static Image Frames(int width, int height)
    {
        using var red = Vips(Uniform(width, height, 250, 10, 10));
        using var green = Vips(Uniform(width, height, 10, 250, 10));
        using var blue = Vips(Uniform(width, height, 10, 10, 250));
        using var tall = Image.Arrayjoin([red, green, blue], across: 1);
        return tall.Mutate(image => image.Set(GValue.GIntType, "page-height", height));
    }

    public static RgbImage Uniform(int width, int height, byte red, byte green, byte blue)
    {
        var pixels = new byte[width * height * 3];
        for (var at = 0; at < pixels.Length; at += 3)
        {
            (pixels[at], pixels[at + 1], pixels[at + 2]) = (red, green, blue);
        }
        return new RgbImage(width, height, pixels);
    }

    /// <summary>The picture with an alpha channel that runs from 0 to 255 over the columns.</summary>
    public static Image WithAlpha(RgbImage image)
    {
        using var opaque = Vips(image);
        using var places = Image.Xyz(image.Width, image.Height);
        using var column = places.ExtractBand(0);
        using var ramp = column * (255.0 / (image.Width - 1));
        using var alpha = ramp.Cast(Enums.BandFormat.Uchar);
        return opaque.Bandjoin(alpha);
    }

    /// <summary>One small file of every kind that is decoded.</summary>
    public static IReadOnlyList<(string Name, byte[] Bytes)> Kinds { get; } = MakeKinds();

    private static List<(string Name, byte[] Bytes)> MakeKinds()
    {
        var photo = Photo(45, 34);
        using var vips = Vips(photo);
        using var grey = vips.ExtractBand(1);
        using var alpha = WithAlpha(photo);
        using var frames = Frames(20, 16);
        using var wide = vips.Cast(Enums.BandFormat.Ushort);
        using var scaled = wide * 257;
        using var deep = scaled.Cast(Enums.BandFormat.Ushort).Copy(interpretation: Enums.Interpretation.Rgb16);
        return
        [
            ("jpeg 420", Jpeg(photo)),
            ("jpeg 444", Jpeg(photo, 80, ChromaSubsampling.None)),
            ("jpeg progressive", vips.JpegsaveBuffer(q: 85, interlace: true)),
            ("jpeg restarts", vips.JpegsaveBuffer(q: 85, restartInterval: 2)),
            ("jpeg grey", grey.JpegsaveBuffer(q: 85)),
            ("jpeg cmyk", CmykJpeg(45, 34)),
            ("jpeg exif", Exif.Insert(Jpeg(photo), Exif.Orientation(6))),
            ("png", vips.PngsaveBuffer()),
            ("png grey", grey.PngsaveBuffer()),
            ("png alpha", alpha.PngsaveBuffer()),
            ("png interlaced", vips.PngsaveBuffer(interlace: true)),
            ("png palette", alpha.PngsaveBuffer(palette: true)),
            ("png 16", deep.PngsaveBuffer()),
            ("gif", vips.GifsaveBuffer()),
            ("gif animated", frames.GifsaveBuffer()),
            ("webp lossy", vips.WebpsaveBuffer(q: 80)),
            ("webp lossless alpha", alpha.WebpsaveBuffer(lossless: true)),
            ("webp animated", frames.WebpsaveBuffer(lossless: true)),
            ("tiff", vips.TiffsaveBuffer()),
            ("tiff lzw 16", deep.TiffsaveBuffer(compression: Enums.ForeignTiffCompression.Lzw)),
            ("bmp 24", Bmp.TrueColor(photo)),
            ("bmp 8", Bmp.Indexed(45, 34, 8)),
        ];
    }
}

/// <summary>Where encoded images come from in theories.</summary>
public static class Kinds
{
    /// <summary>The names of <see cref="Pictures.Kinds"/>.</summary>
    public static TheoryData<string> Names => [.. Pictures.Kinds.Select(kind => kind.Name)];

    internal static byte[] Of(string name) => Pictures.Kinds.Single(kind => kind.Name == name).Bytes;
}

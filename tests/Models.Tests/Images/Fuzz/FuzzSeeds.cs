using NetVips;

namespace Pipeline.Models.Tests.Images.Fuzz;

/// <summary>Good files of every format and of its rarer forms, from which damaged ones are made.</summary>
internal static class FuzzSeeds
{
    private static readonly Lazy<IReadOnlyList<(string Name, byte[] Bytes)>> s_all = new(() => [.. Pictures.Kinds, .. Rarer()]);

    /// <summary>All of them, always in the same order.</summary>
    public static IReadOnlyList<(string Name, byte[] Bytes)> All => s_all.Value;

    private static List<(string Name, byte[] Bytes)> Rarer()
    {
        var photo = Pictures.Photo(45, 34);
        using var vips = Pictures.Vips(photo);
        using var grey = vips.ExtractBand(1);
        using var alpha = Pictures.WithAlpha(photo);
        using var frames = Pictures.Frames(20, 16);
        using var cmyk = Image.NewFromBuffer(Pictures.CmykJpeg(45, 34));
        var files = new List<(string, byte[])>
        {
            ("jpeg progressive cmyk", cmyk.JpegsaveBuffer(q: 80, interlace: true)),
            ("gif alpha", alpha.GifsaveBuffer()),
            ("gif interlaced", vips.GifsaveBuffer(interlace: true)),
            ("webp lossy alpha", alpha.WebpsaveBuffer(q: 60)),
            ("tiff alpha", alpha.TiffsaveBuffer()),
            ("tiff bilevel", grey.TiffsaveBuffer(bitdepth: 1, compression: Enums.ForeignTiffCompression.Ccittfax4)),
            ("tiff pages", frames.TiffsaveBuffer(compression: Enums.ForeignTiffCompression.Deflate)),
            ("tiff tiles", vips.TiffsaveBuffer(tile: true, tileWidth: 16, tileHeight: 16, compression: Enums.ForeignTiffCompression.Lzw)),
            ("tiff big", vips.TiffsaveBuffer(bigtiff: true)),
            ("bmp 32", Bmp.OnePixel(0x80102030, 32, 0xFF0000, 0xFF00, 0xFF, 0xFF000000)),
            ("bmp 4", Bmp.Indexed(45, 34, 4)),
        };
        foreach (
            var compression in new[]
            {
                Enums.ForeignTiffCompression.Jpeg,
                Enums.ForeignTiffCompression.Packbits,
                Enums.ForeignTiffCompression.Deflate,
            }
        )
        {
            files.Add(($"tiff {compression}", vips.TiffsaveBuffer(compression: compression)));
        }
        return files;
    }
}

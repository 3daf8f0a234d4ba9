using NetVips;
using Pipeline.Models.Images;

namespace Pipeline.Models.Tests.Images;

public sealed class OtherFormatsTests
{
    private static readonly RgbImage s_photo = Pictures.Photo(45, 34);

    [Theory]
    [InlineData("png")]
    [InlineData("png interlaced")]
    [InlineData("tiff")]
    [InlineData("bmp 24")]
    public void Lossless_files_give_the_very_pixels(string name)
    {
        var bytes = Kinds.Of(name);

        var decoded = ImageDecoder.Decode(bytes);

        decoded.Pixels.Should().Equal(s_photo.Pixels);
    }

    [Theory]
    [InlineData("png 16")]
    [InlineData("tiff lzw 16")]
    public void Sixteen_bits_keep_their_high_byte(string name)
    {
        var bytes = Kinds.Of(name);

        var decoded = ImageDecoder.Decode(bytes);

        decoded.Pixels.Should().Equal(s_photo.Pixels);
    }

    [Fact]
    public void Sixteen_bits_are_cut_not_rounded()
    {
        using var values = Image.NewFromMemory<ushort>([0x00FF, 0x0100, 0x80FF, 0xFFFF], 4, 1, 1, Enums.BandFormat.Ushort);
        using var grey = values.Copy(interpretation: Enums.Interpretation.Grey16);

        var decoded = ImageDecoder.Decode(grey.PngsaveBuffer());

        decoded.Pixels.Should().Equal(0, 0, 0, 1, 1, 1, 0x80, 0x80, 0x80, 255, 255, 255);
    }

    [Theory]
    [InlineData("png alpha")]
    [InlineData("webp lossless alpha")]
    public void Transparency_is_composited_over_white(string name)
    {
        var bytes = Kinds.Of(name);

        var decoded = ImageDecoder.Decode(bytes);

        for (var at = 0; at < decoded.Pixels.Length; at++)
        {
            var alpha = (byte)(at / 3 % 45 * (255.0 / 44)) / 255.0;
            var wanted = alpha == 0 ? 255 : (s_photo.Pixels[at] * alpha) + (255 * (1 - alpha));
            ((double)decoded.Pixels[at]).Should().BeApproximately(wanted, 1.01);
        }
    }

    /// <summary>Two pixels of one colour, the second half transparent: 0x10 over white is 0x87.</summary>
    [Theory]
    [InlineData("png 8")]
    [InlineData("png 16")]
    [InlineData("tiff 8")]
    [InlineData("tiff 16")]
    [InlineData("tiff 8 premultiplied")]
    [InlineData("webp 8")]
    [InlineData("bmp 32")]
    public void Half_transparent_pixel_is_half_white(string name)
    {
        var bytes = HalfTransparent(name);

        var decoded = ImageDecoder.Decode(bytes).Pixels;

        byte[] wanted = [0x10, 0x80, 0xFF, 0x87, 0xBF, 0xFF];
        decoded.Zip(wanted, (found, value) => Math.Abs(found - value)).Should().AllSatisfy(off => off.Should().BeLessThanOrEqualTo(1));
    }

    [Theory]
    [InlineData("gif")]
    [InlineData("png grey")]
    public void Wholly_transparent_pixel_is_white_whatever_its_colour(string name)
    {
        using var image = Pictures.WithAlpha(Pictures.Uniform(45, 34, 200, 20, 20));
        using var grey = image.ExtractBand(1);
        using var alpha = image.ExtractBand(3);
        using var greyAlpha = grey.Bandjoin(alpha);
        using var typed = greyAlpha.Copy(interpretation: Enums.Interpretation.Bw);

        var decoded = ImageDecoder.Decode(name == "gif" ? image.GifsaveBuffer() : typed.PngsaveBuffer()).Pixels;

        decoded[..3].Should().Equal(255, 255, 255);
        decoded[^1].Should().BeInRange(16, 24);
    }

    private static byte[] HalfTransparent(string name)
    {
        if (name.StartsWith("bmp", StringComparison.Ordinal))
        {
            var right = Bmp.OnePixel(0x801080FF, 32, 0xFF0000, 0xFF00, 0xFF, 0xFF000000);
            byte[] file = [.. right, .. right[^4..]];
            file[^5] = 0xFF;
            file[18] = 2;
            return file;
        }
        using var bytes = Image.NewFromMemory<byte>([0x10, 0x80, 0xFF, 0xFF, 0x10, 0x80, 0xFF, 0x80], 2, 1, 4, Enums.BandFormat.Uchar);
        using var narrow = bytes.Copy(interpretation: Enums.Interpretation.Srgb);
        using var scaled = bytes * 257;
        using var cast = scaled.Cast(Enums.BandFormat.Ushort);
        using var wide = cast.Copy(interpretation: Enums.Interpretation.Rgb16);
        return name switch
        {
            "png 8" => narrow.PngsaveBuffer(),
            "png 16" => wide.PngsaveBuffer(),
            "tiff 8" => narrow.TiffsaveBuffer(),
            "tiff 16" => wide.TiffsaveBuffer(),
            "tiff 8 premultiplied" => narrow.TiffsaveBuffer(premultiply: true),
            _ => narrow.WebpsaveBuffer(lossless: true, exact: true),
        };
    }

    [Fact]
    public void Palette_with_transparency_is_composited_over_white()
    {
        var bytes = Kinds.Of("png palette");

        var decoded = ImageDecoder.Decode(bytes);

        bytes[25].Should().Be(3, "the fixture has a palette");
        decoded.Pixels[..3].Should().Equal(255, 255, 255);
        Differences.Mean(decoded, ImageDecoder.Decode(Kinds.Of("png alpha"))).Should().BeLessThan(8);
    }

    [Theory]
    [InlineData("gif animated")]
    [InlineData("webp animated")]
    public void The_first_frame_of_an_animation_is_taken(string name)
    {
        var bytes = Kinds.Of(name);

        var decoded = ImageDecoder.Decode(bytes);

        (decoded.Width, decoded.Height).Should().Be((20, 16));
        Differences.Largest(decoded, Pictures.Uniform(20, 16, 250, 10, 10)).Should().BeLessThanOrEqualTo(4);
    }

    [Fact]
    public void Grey_is_spread_to_three_channels()
    {
        var bytes = Kinds.Of("png grey");

        var decoded = ImageDecoder.Decode(bytes);

        decoded
            .Pixels.Chunk(3)
            .Select(pixel => (pixel[0], pixel[2]))
            .Should()
            .Equal(s_photo.Pixels.Chunk(3).Select(pixel => (pixel[1], pixel[1])));
    }

    [Fact]
    public void Cmyk_tiff_is_converted_by_the_rule_for_jpeg()
    {
        using var values = Image.NewFromMemory<byte>([0, 255, 0, 0, 0, 0, 0, 128], 2, 1, 4, Enums.BandFormat.Uchar);
        using var ink = values.Copy(interpretation: Enums.Interpretation.Cmyk);

        var decoded = ImageDecoder.Decode(ink.TiffsaveBuffer());

        decoded.Pixels.Should().Equal(255, 0, 255, 127, 127, 127);
    }

    [Fact]
    public void Floating_point_tiff_is_unsupported()
    {
        using var grey = Image.Black(4, 4);
        using var floats = grey.Cast(Enums.BandFormat.Float);
        var bytes = floats.TiffsaveBuffer();

        var decode = () => ImageDecoder.Decode(bytes);

        decode.Should().Throw<ImageRejectedException>().Which.Kind.Should().Be(RejectionKind.Unsupported);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(8)]
    public void Bitmaps_with_a_palette_give_its_colours(int bits)
    {
        var bytes = Bmp.Indexed(45, 34, bits);

        var decoded = ImageDecoder.Decode(bytes);

        for (var pixel = 0; pixel < 45 * 34; pixel++)
        {
            var color = Bmp.Color(((pixel % 45) + (pixel / 45)) & ((1 << bits) - 1));
            (decoded.Pixels[pixel * 3], decoded.Pixels[(pixel * 3) + 1], decoded.Pixels[(pixel * 3) + 2]).Should().Be(color);
        }
    }

    [Theory]
    [InlineData(0xFF102030u, 32, 0xFF0000u, 0xFF00u, 0xFFu, 0u, 0x10, 0x20, 0x30)]
    [InlineData(0x80102030u, 32, 0xFFu, 0xFF00u, 0xFF0000u, 0u, 0x30, 0x20, 0x10)]
    [InlineData(0x00102030u, 32, 0xFF0000u, 0xFF00u, 0xFFu, 0xFF000000u, 255, 255, 255)]
    [InlineData(0xF800u, 16, 0xF800u, 0x07E0u, 0x001Fu, 0u, 255, 0, 0)]
    [InlineData(0x0010u, 16, 0xF800u, 0x07E0u, 0x001Fu, 0u, 0, 0, 132)]
    public void Bit_masks_of_bitmaps_are_followed(uint pixel, int bits, uint red, uint green, uint blue, uint alpha, int r, int g, int b)
    {
        var bytes = Bmp.OnePixel(pixel, bits, red, green, blue, alpha);

        var decoded = ImageDecoder.Decode(bytes);

        decoded.Pixels.Should().Equal((byte)r, (byte)g, (byte)b);
    }

    [Fact]
    public void Top_down_bitmap_is_not_upside_down()
    {
        var bytes = Bmp.TrueColor(s_photo, topDown: true);

        var decoded = ImageDecoder.Decode(bytes);

        decoded.Pixels.Should().Equal(s_photo.Pixels);
    }

    [Fact]
    public void Run_length_coded_bitmap_is_unsupported()
    {
        var bytes = Bmp.WithCompression(8, 1);

        var decode = () => ImageDecoder.Decode(bytes);

        decode.Should().Throw<ImageRejectedException>().Which.Kind.Should().Be(RejectionKind.Unsupported);
    }

    [Fact]
    public void Palette_index_outside_the_palette_is_corrupt()
    {
        var bytes = Bmp.Indexed(45, 34, 8);
        bytes[46] = 4;

        var decode = () => ImageDecoder.Decode(bytes);

        decode.Should().Throw<ImageRejectedException>().Which.Kind.Should().Be(RejectionKind.Corrupt);
    }
}

using NetVips;
using Pipeline.Models.Images;

namespace Pipeline.Models.Tests.Images;

public sealed class JpegDecodingTests
{
    [Theory]
    [InlineData(64, 48, ChromaSubsampling.Quarter, 90)]
    [InlineData(61, 47, ChromaSubsampling.Quarter, 75)]
    [InlineData(61, 47, ChromaSubsampling.None, 98)]
    [InlineData(1, 1, ChromaSubsampling.Quarter, 50)]
    [InlineData(17, 300, ChromaSubsampling.Quarter, 20)]
    public void Full_decode_is_within_one_grey_level_of_libvips(int width, int height, ChromaSubsampling subsampling, int quality)
    {
        var jpeg = Pictures.Jpeg(Pictures.Photo(width, height), quality, subsampling);

        var decoded = ImageDecoder.Decode(jpeg);

        Differences.Largest(decoded, VipsDecode(jpeg)).Should().BeLessThanOrEqualTo(1);
    }

    [Theory]
    [InlineData("jpeg progressive")]
    [InlineData("jpeg restarts")]
    [InlineData("jpeg grey")]
    public void Other_codings_are_within_one_grey_level_of_libvips(string name)
    {
        var jpeg = Kinds.Of(name);

        var decoded = ImageDecoder.Decode(jpeg);

        Differences.Largest(decoded, VipsDecode(jpeg)).Should().BeLessThanOrEqualTo(1);
    }

    [Fact]
    public void Cmyk_is_taken_as_inverted_ink_and_multiplied_with_black()
    {
        var jpeg = Pictures.CmykJpeg(40, 30);

        var decoded = ImageDecoder.Decode(jpeg);

        Differences.Largest(decoded, VipsInkToRgb(jpeg)).Should().BeLessThanOrEqualTo(1);
        decoded.Pixels.Average(value => value).Should().BeInRange(40, 200);
    }

    [Fact]
    public void Cmyk_without_an_adobe_marker_is_inverted_too()
    {
        var jpeg = WithoutSegment(Pictures.CmykJpeg(40, 30), 0xEE);

        var decoded = ImageDecoder.Decode(jpeg);

        Differences.Largest(decoded, VipsInkToRgb(jpeg)).Should().BeLessThanOrEqualTo(1);
    }

    [Fact]
    public void Cmyk_is_near_libvips_own_colour_conversion_which_goes_by_a_profile()
    {
        var jpeg = Pictures.CmykJpeg(40, 30);
        using var loaded = Image.JpegloadBuffer(jpeg);
        using var converted = loaded.Colourspace(Enums.Interpretation.Srgb);

        var decoded = ImageDecoder.Decode(jpeg);

        var profiled = new RgbImage(converted.Width, converted.Height, converted.WriteToMemory<byte>());
        Differences
            .Mean(decoded, profiled)
            .Should()
            .BeLessThan(40, "a printing profile mutes colours; inverted ink would be more than 60 away");
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.6)]
    [InlineData(0.95)]
    public void Truncated_file_is_rejected_as_truncated_at_full_size_and_resized(double part)
    {
        var jpeg = Pictures.Jpeg(Pictures.Photo(200, 150));
        var scan = jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]) + 14;
        var cut = jpeg[..(scan + (int)((jpeg.Length - scan) * part))];

        var full = () => ImageDecoder.Decode(cut);
        var resized = () => ImageDecoder.DecodeToSize(cut, 50, 50);

        full.Should().Throw<ImageRejectedException>().Which.Kind.Should().Be(RejectionKind.Truncated);
        resized.Should().Throw<ImageRejectedException>().WithMessage("The JPEG ends before its last row*cut short*");
    }

    [Fact]
    public void Scan_that_ends_early_with_an_end_marker_is_corrupt()
    {
        var jpeg = Pictures.Jpeg(Pictures.Photo(200, 150));
        byte[] closed = [.. jpeg[..(jpeg.Length / 2)], 0xFF, 0xD9];

        var decode = () => ImageDecoder.Decode(closed);

        decode.Should().Throw<ImageRejectedException>().Which.Kind.Should().Be(RejectionKind.Corrupt);
    }

    [Fact]
    public void Padding_before_the_end_marker_and_bytes_after_it_do_not_lose_the_image()
    {
        var jpeg = Pictures.Jpeg(Pictures.Photo(64, 48));
        byte[] padded = [.. jpeg[..^2], 0, 0, 0, 0, 0xFF, 0xD9, 1, 2, 3];

        var decoded = ImageDecoder.Decode(padded);

        decoded.Pixels.Should().Equal(ImageDecoder.Decode(jpeg).Pixels);
    }

    [Fact]
    public void File_without_its_tables_is_rejected_even_after_its_neighbour_was_decoded()
    {
        var jpeg = Pictures.Jpeg(Pictures.Photo(64, 48));
        var bare = WithoutSegment(WithoutSegment(jpeg, 0xDB), 0xDB);
        ImageDecoder.Decode(jpeg);

        var decode = () => ImageDecoder.Decode(bare);

        decode.Should().Throw<ImageRejectedException>().WithMessage("*Quantization table*");
    }

    [Fact]
    public void Height_above_the_data_is_rejected_not_filled_with_grey()
    {
        var jpeg = Pictures.Jpeg(Pictures.Photo(64, 48));
        var frame = jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        jpeg[frame + 5]++;

        var decode = () => ImageDecoder.DecodeToSize(jpeg, 32, 32);

        decode.Should().Throw<ImageRejectedException>();
    }

    [Theory]
    [InlineData(0xC3, 8, 3, RejectionKind.Unsupported)]
    [InlineData(0xC0, 12, 3, RejectionKind.Unsupported)]
    [InlineData(0xC0, 8, 2, RejectionKind.Corrupt)]
    public void Frames_of_other_kinds_are_rejected(byte marker, byte bits, byte components, string kind)
    {
        var jpeg = Pictures.Jpeg(Pictures.Photo(16, 16));
        var frame = jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        (jpeg[frame + 1], jpeg[frame + 4], jpeg[frame + 9]) = (marker, bits, components);

        var decode = () => ImageDecoder.Decode(jpeg);

        decode.Should().Throw<ImageRejectedException>().Which.Kind.Should().Be(kind);
    }

    internal static RgbImage VipsDecode(byte[] jpeg)
    {
        using var loaded = Image.JpegloadBuffer(jpeg);
        using var color = loaded.Colourspace(Enums.Interpretation.Srgb);
        return new RgbImage(color.Width, color.Height, color.WriteToMemory<byte>());
    }

    /// <summary>libvips' ink (it undoes Adobe's inversion), turned to light in plain arithmetic.</summary>
    private static RgbImage VipsInkToRgb(byte[] jpeg)
    {
        using var loaded = Image.JpegloadBuffer(jpeg);
        var ink = loaded.WriteToMemory<byte>();
        var pixels = ink.Chunk(4)
            .SelectMany(cmyk => cmyk[..3].Select(value => (byte)Math.Round((255.0 - value) * (255 - cmyk[3]) / 255)))
            .ToArray();
        return new RgbImage(loaded.Width, loaded.Height, pixels);
    }

    internal static byte[] WithoutSegment(byte[] jpeg, byte marker)
    {
        var at = jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, marker]);
        return at < 0 ? jpeg : [.. jpeg[..at], .. jpeg[(at + 2 + (jpeg[at + 2] << 8) + jpeg[at + 3])..]];
    }
}

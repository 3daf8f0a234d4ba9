using NetVips;
using Pipeline.Models.Images;

namespace Pipeline.Models.Tests.Images;

public sealed class EncoderTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(45, 34)]
    [InlineData(300, 2)]
    public void Png_comes_back_as_it_went(int width, int height)
    {
        var photo = Pictures.Photo(width, height);

        var png = PngEncoder.Encode(photo);

        using var loaded = Image.PngloadBuffer(png, failOn: Enums.FailOn.Warning);
        loaded.WriteToMemory<byte>().Should().Equal(photo.Pixels);
        ImageDecoder.Decode(png).Pixels.Should().Equal(photo.Pixels);
    }

    [Fact]
    public void Equal_images_give_equal_bytes()
    {
        var (one, other) = (Pictures.Photo(80, 60), Pictures.Photo(80, 60));

        var (png, jpeg) = (PngEncoder.Encode(one), JpegEncoder.Encode(one));

        png.Should().Equal(PngEncoder.Encode(other));
        jpeg.Should().Equal(JpegEncoder.Encode(other));
    }

    [Theory]
    [InlineData(ChromaSubsampling.None, 0x11)]
    [InlineData(ChromaSubsampling.Quarter, 0x22)]
    public void Jpeg_has_the_subsampling_asked_for_and_the_picture(ChromaSubsampling subsampling, byte factors)
    {
        var photo = Pictures.Photo(80, 60);

        var jpeg = JpegEncoder.Encode(photo, 95, subsampling);

        jpeg[jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]) + 11].Should().Be(factors);
        Differences.Mean(JpegDecodingTests.VipsDecode(jpeg), photo).Should().BeLessThan(subsampling == ChromaSubsampling.None ? 4 : 8);
    }

    [Fact]
    public void Higher_quality_is_nearer_and_larger()
    {
        var photo = Pictures.Photo(80, 60);

        var (worst, best) = (JpegEncoder.Encode(photo, 1), JpegEncoder.Encode(photo, 100));

        best.Length.Should().BeGreaterThan(worst.Length * 3);
        Differences.Mean(ImageDecoder.Decode(best), photo).Should().BeLessThan(Differences.Mean(ImageDecoder.Decode(worst), photo));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(101)]
    public void Quality_out_of_range_is_refused(int quality)
    {
        var encode = () => JpegEncoder.Encode(Pictures.Photo(8, 8), quality);

        encode.Should().Throw<ArgumentOutOfRangeException>().WithMessage($"The JPEG quality is {quality}; it must be between 1 and 100*");
    }

    [Fact]
    public void Buffer_of_another_size_is_refused()
    {
        var image = new RgbImage(2, 2, new byte[11]);

        var png = () => PngEncoder.Encode(image);
        var jpeg = () => JpegEncoder.Encode(image);

        png.Should().Throw<ArgumentException>().WithMessage("*has 11 bytes; it must have 12*");
        jpeg.Should().Throw<ArgumentException>().WithMessage("*has 11 bytes; it must have 12*");
    }
}

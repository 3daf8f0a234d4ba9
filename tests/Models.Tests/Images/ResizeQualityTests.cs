using Pipeline.Models.Images;

namespace Pipeline.Models.Tests.Images;

public sealed class ResizeQualityTests
{
    private static readonly byte[] s_jpeg = Exif.Insert(Pictures.Jpeg(Pictures.Photo(300, 200)), Exif.Orientation(6));

    [Theory]
    [InlineData(ResizeQuality.Bilinear)]
    [InlineData(ResizeQuality.Bicubic)]
    public void Exact_filters_work_on_the_whole_upright_picture(ResizeQuality quality)
    {
        var whole = ImageDecoder.Decode(s_jpeg);
        var wanted = quality == ResizeQuality.Bilinear ? PillowResize.Bilinear(whole, 32, 48) : PillowResize.Bicubic(whole, 32, 48);

        var resized = ImageDecoder.DecodeToSize(s_jpeg, 32, 48, quality);

        (resized.Width, resized.Height).Should().Be((32, 48));
        resized.Pixels.Should().Equal(wanted.Pixels);
    }

    [Fact]
    public void Scaled_is_the_fast_way_and_near_to_bilinear()
    {
        var scaled = ImageDecoder.DecodeToSize(s_jpeg, 32, 48, ResizeQuality.Scaled);

        scaled.Pixels.Should().Equal(ImageDecoder.DecodeToSize(s_jpeg, 32, 48).Pixels);
        Differences.Mean(scaled, ImageDecoder.DecodeToSize(s_jpeg, 32, 48, ResizeQuality.Bilinear)).Should().BeInRange(0.001, 1.5);
    }

    [Theory]
    [InlineData(ResizeQuality.Scaled)]
    [InlineData(ResizeQuality.Bilinear)]
    [InlineData(ResizeQuality.Bicubic)]
    public void Limits_and_sizes_hold_for_all(ResizeQuality quality)
    {
        var tooLarge = () => ImageDecoder.DecodeToSize(s_jpeg, 8, 8, quality, new DecodeLimits { Pixels = 59_999 });
        var noSize = () => ImageDecoder.DecodeToSize(s_jpeg, 0, 8, quality);

        tooLarge.Should().Throw<ImageRejectedException>().Which.Kind.Should().Be(RejectionKind.TooLarge);
        noSize.Should().Throw<ArgumentOutOfRangeException>();
        ImageDecoder.DecodeToSize(s_jpeg, 8, 8, quality, new DecodeLimits { Pixels = 60_000 }).Width.Should().Be(8);
    }
}

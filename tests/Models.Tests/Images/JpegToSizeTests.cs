using Pipeline.Models.Images;

namespace Pipeline.Models.Tests.Images;

public sealed class JpegToSizeTests
{
    [Theory]
    [InlineData(500, 375, 224, 224, 1.0)]
    [InlineData(1024, 768, 224, 224, 1.0)]
    [InlineData(1000, 700, 64, 64, 1.0)]
    [InlineData(160, 160, 224, 224, 1.0)]
    [InlineData(160, 160, 160, 160, 1.0)]
    [InlineData(2000, 1500, 224, 160, 1.0)]
    public void Result_is_near_full_decoding_and_resizing(int width, int height, int wantedWidth, int wantedHeight, double bound)
    {
        var jpeg = Pictures.Jpeg(Pictures.Photo(width, height));

        var direct = ImageDecoder.DecodeToSize(jpeg, wantedWidth, wantedHeight);

        var long1 = ImageResize.To(ImageDecoder.Decode(jpeg), wantedWidth, wantedHeight);
        Differences.Mean(direct, long1).Should().BeLessThan(bound);
    }

    [Theory]
    [MemberData(nameof(Kinds.Names), MemberType = typeof(Kinds))]
    public void Every_kind_is_brought_to_the_size_asked_for(string name)
    {
        var bytes = Kinds.Of(name);

        var resized = ImageDecoder.DecodeToSize(bytes, 31, 17);

        (resized.Width, resized.Height).Should().Be((31, 17));
        Differences.Mean(resized, ImageResize.To(ImageDecoder.Decode(bytes), 31, 17)).Should().BeLessThan(2.5);
    }

    [Theory]
    [InlineData(224, 224, 8)]
    [InlineData(500, 375, 8)]
    [InlineData(447, 448, 8)]
    [InlineData(447, 447, 4)]
    [InlineData(448, 448, 4)]
    [InlineData(895, 2000, 2)]
    [InlineData(1785, 1785, 1)]
    [InlineData(100, 100, 8)]
    public void The_smallest_scale_with_vector_code_that_covers_the_size_is_chosen(int width, int height, int eighths)
    {
        var header = new ImageHeader(ImageFormat.Jpeg, width, height, 1);

        var chosen = JpegDecoder.Eighths(header, 224, 224);

        var scaled = ((width * eighths) + 7) / 8;
        chosen.Should().Be(eighths);
        (scaled >= 224 || eighths == 8).Should().BeTrue();
    }

    [Theory]
    [InlineData(100, 60, 30, 50, 30)]
    [InlineData(60, 100, 30, 30, 50)]
    [InlineData(50, 50, 20, 20, 20)]
    [InlineData(101, 60, 30, 50, 30)]
    public void Short_side_keeps_the_aspect_ratio(int width, int height, int side, int wantedWidth, int wantedHeight)
    {
        var jpeg = Pictures.Jpeg(Pictures.Photo(width, height));

        var resized = ImageDecoder.DecodeToShortSide(jpeg, side);

        (resized.Width, resized.Height).Should().Be((wantedWidth, wantedHeight));
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(10, 0)]
    [InlineData(65_536, 1)]
    [InlineData(1, 65_536)]
    public void Sizes_out_of_range_are_refused(int width, int height)
    {
        var jpeg = Kinds.Of("jpeg 420");

        var decode = () => ImageDecoder.DecodeToSize(jpeg, width, height);

        decode.Should().Throw<ArgumentOutOfRangeException>().WithMessage($"The wanted size is {width} x {height}*");
    }

    [Theory]
    [InlineData(1, 65_535)]
    [InlineData(65_535, 1)]
    public void Sizes_at_the_end_of_the_range_are_made(int width, int height)
    {
        var jpeg = Kinds.Of("jpeg 420");

        var resized = ImageDecoder.DecodeToSize(jpeg, width, height);

        resized.Pixels.Should().HaveCount(width * height * 3);
    }

    [Fact]
    public void Four_threads_give_what_one_gives()
    {
        var files = Enumerable.Range(0, 40).Select(seed => Pictures.Jpeg(Pictures.Photo(90 + seed, 70, seed))).ToArray();
        var alone = files.Select(file => ImageDecoder.DecodeToSize(file, 48, 48).Pixels).ToArray();

        var together = files.AsParallel().AsOrdered().WithDegreeOfParallelism(4).Select(file => ImageDecoder.DecodeToSize(file, 48, 48).Pixels).ToArray();

        together.Should().BeEquivalentTo(alone, options => options.WithStrictOrdering());
    }
}

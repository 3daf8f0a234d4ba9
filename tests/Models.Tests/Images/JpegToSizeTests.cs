using Pipeline.Models.Images;

namespace Pipeline.Models.Tests.Images;

public sealed class JpegToSizeTests
{
    [Theory]
    [InlineData(500, 375, 224, 224, 0.6)]
    [InlineData(1024, 768, 224, 224, 0.6)]
    [InlineData(1000, 700, 64, 64, 0.6)]
    [InlineData(160, 160, 224, 224, 0.6)]
    [InlineData(160, 160, 160, 160, 0.6)]
    [InlineData(1200, 900, 120, 100, 0.6)]
    public void Result_is_near_full_decoding_and_resizing(int width, int height, int wantedWidth, int wantedHeight, double bound)
    {
        var jpeg = Pictures.Jpeg(Pictures.Photo(width, height));

        var direct = ImageDecoder.DecodeToSize(jpeg, wantedWidth, wantedHeight);

        var whole = ImageResize.To(ImageDecoder.Decode(jpeg), wantedWidth, wantedHeight);
        Differences.Mean(direct, whole).Should().BeLessThan(bound);
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
    [InlineData(446, 448, 8)]
    [InlineData(447, 447, 4)]
    [InlineData(448, 448, 4)]
    [InlineData(895, 2000, 2)]
    [InlineData(1785, 1785, 1)]
    [InlineData(100, 100, 8)]
    public void The_smallest_scale_with_vector_code_that_covers_the_size_is_chosen(int width, int height, int eighths)
    {
        var frame = new JpegFrame(new ImageHeader(ImageFormat.Jpeg, width, height, 1), 3, new JpegLayout(3, 2, 2));

        var chosen = JpegDecoder.Eighths(frame, 224, 224);

        var scaled = ((width * eighths) + 7) / 8;
        chosen.Should().Be(eighths);
        (scaled >= 224 || eighths == 8).Should().BeTrue();
    }

    [Theory]
    [InlineData(2, 4)]
    [InlineData(4, 8)]
    public void Chroma_is_kept_at_half_the_size_at_least(int chromaAcross, int eighths)
    {
        var frame = new JpegFrame(new ImageHeader(ImageFormat.Jpeg, 448, 448, 1), 3, new JpegLayout(3, chromaAcross, 1));

        var chosen = JpegDecoder.Eighths(frame, 224, 224);

        chosen.Should().Be(eighths);
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

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(5)]
    public void Every_subsampling_is_near_full_decoding_and_resizing(int subsampling)
    {
        var jpeg = JpegEncoder.Encode(Pictures.Photo(301, 203), 92, subsampling);

        var direct = ImageDecoder.DecodeToSize(jpeg, 64, 48);

        var decoded = ImageDecoder.Decode(jpeg);
        Differences.Largest(decoded, JpegDecodingTests.VipsDecode(jpeg)).Should().BeLessThanOrEqualTo(1);
        Differences.Mean(direct, ImageResize.To(decoded, 64, 48)).Should().BeLessThan(1.2);
    }

    [Fact]
    public void Red_green_blue_components_are_not_taken_for_luma_and_chroma()
    {
        var jpeg = JpegDecodingTests.WithoutSegment(Pictures.Jpeg(Pictures.Photo(120, 90), 95, ChromaSubsampling.None), 0xE0);
        var frame = jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        var scan = jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]);
        (jpeg[frame + 10], jpeg[frame + 13], jpeg[frame + 16]) = ((byte)'R', (byte)'G', (byte)'B');
        (jpeg[scan + 5], jpeg[scan + 7], jpeg[scan + 9]) = ((byte)'R', (byte)'G', (byte)'B');

        var direct = ImageDecoder.DecodeToSize(jpeg, 40, 30);

        var decoded = ImageDecoder.Decode(jpeg);
        Differences.Largest(decoded, JpegDecodingTests.VipsDecode(jpeg)).Should().BeLessThanOrEqualTo(1);
        Differences.Mean(direct, ImageResize.To(decoded, 40, 30)).Should().BeLessThan(1);
    }

    [Fact]
    public void Four_threads_give_what_one_gives()
    {
        var files = Enumerable.Range(0, 40).Select(seed => Pictures.Jpeg(Pictures.Photo(90 + seed, 70, seed))).ToArray();
        var alone = files.Select(file => ImageDecoder.DecodeToSize(file, 48, 48).Pixels).ToArray();

        var together = files
            .AsParallel()
            .AsOrdered()
            .WithDegreeOfParallelism(4)
            .Select(file => ImageDecoder.DecodeToSize(file, 48, 48).Pixels)
            .ToArray();

        together.Should().BeEquivalentTo(alone, options => options.WithStrictOrdering());
    }
}

using Pipeline.Models.Images;

namespace Pipeline.Models.Tests.Images;

public sealed class PillowResizeTests
{
    [Fact]
    public void Bilinear_shrinks_with_a_filter_as_wide_as_the_step()
    {
        var row = Grey(4, 1, 0, 70, 140, 210);

        var half = PillowResize.Bilinear(row, 2, 1);

        // Weights 3/7, 3/7, 1/7: the triangle at 0.25, 0.25 and 0.75 of a step.
        Greys(half).Should().Equal(50, 160);
    }

    [Fact]
    public void Bicubic_grows_with_overshoot_cut_off()
    {
        var column = Grey(1, 2, 0, 100);

        var grown = PillowResize.Bicubic(column, 1, 4);

        Greys(grown).Should().Equal(0, 21, 79, 109);
    }

    [Fact]
    public void An_equal_size_gives_the_image_itself_and_a_flat_image_stays_flat()
    {
        var flat = Grey(5, 7, [.. Enumerable.Repeat((byte)255, 35)]);

        var same = PillowResize.Bilinear(flat, 5, 7);
        var other = PillowResize.Bicubic(flat, 13, 3);

        same.Should().BeSameAs(flat);
        (other.Width, other.Height).Should().Be((13, 3));
        other.Pixels.Should().HaveCount(13 * 3 * 3).And.AllBeEquivalentTo((byte)255);
    }

    [Fact]
    public void A_side_of_0_pixels_is_refused()
    {
        var act = () => PillowResize.Bilinear(Grey(1, 1, 9), 0, 1);

        act.Should().Throw<ArgumentException>().WithMessage("*0 × 1*at least 1 pixel*");
    }

    /// <summary>Every width from one pixel on: rows that end in the middle of a vector, the last rows of an image, one and many taps.</summary>
    [Theory]
    [InlineData(PillowFilter.Bilinear)]
    [InlineData(PillowFilter.Bicubic)]
    public void Vector_code_and_a_window_give_the_bytes_of_plain_loops_and_the_whole(object filter)
    {
        var random = new Random(5);
        for (var round = 0; round < 300; round++)
        {
            var image = new RgbImage(random.Next(1, 60), random.Next(1, 60), []);
            image = image with { Pixels = new byte[image.Width * image.Height * 3] };
            random.NextBytes(image.Pixels);
            var (width, height) = (random.Next(1, 80), random.Next(1, 80));
            var (left, top) = (random.Next(width), random.Next(height));
            var window = new PixelWindow(left, top, random.Next(1, width - left + 1), random.Next(1, height - top + 1));

            var whole = PillowResize.Window(image, width, height, new(0, 0, width, height), (PillowFilter)filter, ResizeKernels.Scalar);
            var part = PillowResize.Window(image, width, height, window, (PillowFilter)filter, ResizeKernelChoice.Best);

            part.Pixels.Should().Equal(Cut(whole, window));
        }
    }

    private static IEnumerable<byte> Cut(RgbImage image, PixelWindow window) =>
        Enumerable
            .Range(window.Top, window.Height)
            .SelectMany(row => image.Pixels.Skip(((row * image.Width) + window.Left) * 3).Take(window.Width * 3));

    private static RgbImage Grey(int width, int height, params byte[] values) =>
        new(width, height, [.. values.SelectMany(value => Enumerable.Repeat(value, 3))]);

    private static IEnumerable<byte> Greys(RgbImage image) => image.Pixels.Where((_, index) => index % 3 == 1);
}

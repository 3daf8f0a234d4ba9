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

    private static RgbImage Grey(int width, int height, params byte[] values) =>
        new(width, height, [.. values.SelectMany(value => Enumerable.Repeat(value, 3))]);

    private static IEnumerable<byte> Greys(RgbImage image) => image.Pixels.Where((_, index) => index % 3 == 1);
}

using Pipeline.Models.Images;
using Pipeline.Models.Quality;
using Pipeline.Models.Tests.Images;
using Pipeline.Models.Tests.Procedural;

namespace Pipeline.Models.Tests.Quality;

public sealed class SharpnessTests
{
    [Fact]
    public void It_is_the_variance_of_the_Laplacian_of_luma()
    {
        foreach (var image in Photographs.All.Append(Pictures.Photo(37, 22)))
        {
            Sharpness.Measure(image).Should().BeApproximately(Oracle(image), 1e-3 * Oracle(image));
        }
    }

    [Fact]
    public void Flat_pictures_and_even_ramps_have_none()
    {
        var ramp = new RgbImage(100, 50, [.. Enumerable.Range(0, 5000).SelectMany(i => Enumerable.Repeat((byte)(2 * (i % 100)), 3))]);

        Sharpness.Measure(ramp).Should().BeApproximately(0, 1e-3);
        Sharpness.Measure(Photographs.Plain(9, 9, 80, 90, 100)).Should().BeApproximately(0, 1e-3);
        Sharpness.Measure(Photographs.Plain(2, 900, 1, 2, 3)).Should().Be(0);
    }

    [Fact]
    public void A_blurred_photograph_is_less_sharp()
    {
        foreach (var image in Photographs.All)
        {
            var soft = ImageResize.To(ImageResize.To(image, image.Width / 4, image.Height / 4), image.Width, image.Height);

            Sharpness.Measure(soft).Should().BeLessThan(0.25 * Sharpness.Measure(image));
        }
    }

    [Fact]
    public void Twice_the_pixels_of_one_picture_are_as_sharp_from_512_on()
    {
        var image = Pictures.Photo(512, 400);
        var twice = new byte[1024 * 800 * 3];
        for (var p = 0; p < twice.Length; p++)
        {
            var (pixel, channel) = (p / 3, p % 3);
            twice[p] = image.Pixels[(pixel / 1024 / 2 * 512 + pixel % 1024 / 2) * 3 + channel];
        }

        Sharpness.Measure(new RgbImage(1024, 800, twice)).Should().BeApproximately(Sharpness.Measure(image), 1e-6);
    }

    [Fact]
    public void Exposure_counts_clipped_pixels_at_their_exact_levels()
    {
        byte[] pixels = [5, 5, 5, 6, 5, 5, 250, 250, 250, 250, 249, 255];

        var measured = Exposure.Measure(new RgbImage(2, 2, pixels));

        measured.Shadows.Should().Be(0.25);
        measured.Highlights.Should().Be(0.25);
        measured.Luminance.Should().BeApproximately((0.2126 * 511 + 0.7152 * 509 + 0.0722 * 515) / (4 * 255), 1e-12);
    }

    [Fact]
    public void Bytes_that_do_not_fit_the_size_are_an_error()
    {
        var measure = () => Exposure.Measure(new RgbImage(2, 2, new byte[11]));

        measure.Should().Throw<InvalidDataException>().WithMessage("*2 × 2 with 11 bytes*");
    }

    private static double Oracle(RgbImage image)
    {
        double Luma(int x, int y)
        {
            var p = 3 * (y * image.Width + x);
            return 0.2126 * image.Pixels[p] + 0.7152 * image.Pixels[p + 1] + 0.0722 * image.Pixels[p + 2];
        }

        var values = (
            from y in Enumerable.Range(1, image.Height - 2)
            from x in Enumerable.Range(1, image.Width - 2)
            select Luma(x, y - 1) + Luma(x, y + 1) + Luma(x - 1, y) + Luma(x + 1, y) - 4 * Luma(x, y)
        ).ToArray();
        var mean = values.Average();
        return values.Average(value => (value - mean) * (value - mean));
    }
}

using CsCheck;
using Pipeline.Models.Images;
using Pipeline.Models.Statistics;
using Pipeline.Models.Tests.Procedural;

namespace Pipeline.Models.Tests.Statistics;

public sealed class ImageStatisticsTests
{
    [Fact]
    public void A_plain_picture_has_its_light_and_nothing_else()
    {
        var image = Photographs.Plain(50, 40, 51, 51, 51);

        var measured = ImageStatistics.Measure(image);

        measured.Brightness.Should().BeApproximately(0.2, 1e-6);
        measured.DarkChannel.Should().BeApproximately(0.2, 1e-6);
        (measured.Contrast + measured.Detail + measured.Noise + measured.BurntLights + measured.Split).Should().BeLessThan(1e-3);
        measured.Colourfulness.Should().BeLessThan(0.1);
        measured.Background.Should().Be("dark grey");
    }

    [Fact]
    public void Halves_of_black_and_white_have_the_greatest_contrast_and_half_their_lights_burnt()
    {
        var image = Photographs.Plain(40, 40, 0, 0, 0);
        image.Pixels.AsSpan(image.Pixels.Length / 2).Fill(255);

        var measured = ImageStatistics.Measure(image);

        measured.Brightness.Should().BeApproximately(0.5, 1e-4);
        measured.Contrast.Should().BeApproximately(0.5, 1e-4);
        measured.BurntLights.Should().Be(0.5);
        measured.Split.Should().BeApproximately(100, 0.5);
        (measured.Upper, measured.Lower).Should().Be(("black", "white"));
    }

    [Theory]
    [InlineData(249, 0.0)]
    [InlineData(250, 1.0)]
    public void Lights_are_burnt_from_250_on(byte level, double share)
    {
        var image = Photographs.Plain(8, 8, level, level, level);

        ImageStatistics.Measure(image).BurntLights.Should().Be(share);
    }

    [Fact]
    public void An_even_ramp_is_as_blurred_as_can_be()
    {
        var pixels = Enumerable.Range(0, 100 * 100).SelectMany(i => Enumerable.Repeat((byte)(2 * (i % 100)), 3)).ToArray();

        var measured = ImageStatistics.Measure(new RgbImage(100, 100, pixels));

        measured.Sharpness.Should().BeApproximately(0.25, 0.01);
    }

    [Fact]
    public void Noise_is_measured_in_its_own_unit()
    {
        // Uniform noise of ±20 of 255 has a deviation of 40 / √12 / 255 = 0.0453; the quietest fifth of blocks lies a little below.
        var state = 1u;
        var pixels = new byte[120 * 120 * 3];
        for (var i = 0; i < pixels.Length; i += 3)
        {
            state = state * 1664525 + 1013904223;
            pixels.AsSpan(i, 3).Fill((byte)(108 + (state >> 16) % 41));
        }

        var measured = ImageStatistics.Measure(new RgbImage(120, 120, pixels));

        measured.Noise.Should().BeInRange(0.036, 0.046);
    }

    [Fact]
    public void The_middle_does_not_count_as_background()
    {
        var image = Photographs.Plain(60, 60, 72, 134, 48);
        for (var y = 12; y < 48; y++)
        {
            image.Pixels.AsSpan((y * 60 + 12) * 3, 36 * 3).Fill(250);
        }

        ImageStatistics.Measure(image).Background.Should().Be("green");
    }

    [Fact]
    public void A_picture_four_times_as_large_measures_the_same()
    {
        var small = Photographs.All[2];
        var pixels = new byte[320 * 320 * 3];
        for (var i = 0; i < 320 * 320; i++)
        {
            small.Pixels.AsSpan(((i / 320 / 2) * 160 + i % 320 / 2) * 3, 3).CopyTo(pixels.AsSpan(i * 3));
        }

        var measured = ImageStatistics.Measure(new RgbImage(320, 320, pixels));

        measured.Should().Be(ImageStatistics.Measure(small));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 500)]
    [InlineData(500, 3)]
    [InlineData(1, 161)]
    [InlineData(2, 2)]
    public void Every_size_is_measured(int width, int height)
    {
        var measured = ImageStatistics.Measure(Photographs.Ramp(width, height));

        double[] values =
        [
            measured.Brightness,
            measured.Contrast,
            measured.Sharpness,
            measured.Noise,
            measured.Split,
            measured.UpperDetail,
            measured.MeanWarmth,
        ];
        values.Should().OnlyContain(value => double.IsFinite(value));
    }

    [Fact]
    public void Every_value_stays_in_its_range()
    {
        var images = Gen.Select(Gen.Int[1, 24], Gen.Int[1, 24])
            .SelectMany((width, height) => Gen.Byte.Array[width * height * 3].Select(pixels => new RgbImage(width, height, pixels)));

        images.Sample(
            image =>
            {
                var measured = ImageStatistics.Measure(image);
                measured.Brightness.Should().BeInRange(0, 1.00001);
                measured.Contrast.Should().BeInRange(0, 0.50001);
                measured.DarkChannel.Should().BeInRange(0, 1);
                measured.LeastWarmth.Should().BeLessThanOrEqualTo(measured.MostWarmth);
                ColourNames.All.Select(colour => colour.Name).Should().Contain([measured.Background, measured.Upper, measured.Lower]);
            },
            iter: 100
        );
    }

    [Fact]
    public void Every_named_colour_is_nearest_to_itself()
    {
        var names = ColourNames.All.Select(colour =>
            ColourNames.All[ColourNames.Nearest(LabColour.From(colour.Red, colour.Green, colour.Blue))].Name
        );

        names.Should().Equal(ColourNames.All.Select(colour => colour.Name));
    }

    [Theory]
    // Reference values: CIE 1976 from sRGB with white D65, as in Lindbloom's calculator.
    [InlineData(255, 255, 255, 100, 0, 0)]
    [InlineData(255, 0, 0, 53.24, 80.09, 67.20)]
    [InlineData(0, 0, 255, 32.30, 79.19, -107.86)]
    [InlineData(0, 128, 0, 46.23, -51.70, 49.90)]
    public void Lab_agrees_with_the_standard(byte red, byte green, byte blue, double lightness, double greenRed, double blueYellow)
    {
        var colour = LabColour.From(red, green, blue);

        colour.Lightness.Should().BeApproximately(lightness, 0.1);
        colour.GreenRed.Should().BeApproximately(greenRed, 0.15);
        colour.BlueYellow.Should().BeApproximately(blueYellow, 0.15);
    }

    [Fact]
    public void Bytes_that_do_not_fit_the_size_are_refused()
    {
        var measure = () => ImageStatistics.Measure(new RgbImage(3, 1, new byte[8]));

        measure.Should().Throw<InvalidDataException>().WithMessage("*3 × 1 with 8 bytes*");
    }
}

using Pipeline.Models.Images;
using Pipeline.Models.Procedural;

namespace Pipeline.Models.Tests.Procedural;

/// <summary>Each effect does what its name says, measured over seven photographs. That it looks so was seen on contact sheets.</summary>
public sealed class ProceduralEffectsTests
{
    private const int Luma = -1;
    private const int Red = 0;
    private const int Green = 1;
    private const int Blue = 2;

    private static readonly IReadOnlyList<RgbImage> Sources = Photographs.All;

    [Fact]
    public void Effects_have_names_and_words_of_their_own()
    {
        var names = ProceduralEffects.All.Select(effect => effect.Name);
        var words = ProceduralEffects.All.SelectMany(effect => effect.Words);

        names.Should().OnlyHaveUniqueItems();
        words.Should().OnlyHaveUniqueItems().And.OnlyContain(word => !word.Any(char.IsUpper) && !word.Contains('-'));
    }

    [Fact]
    public void Fog_brightens_flattens_and_is_thicker_above()
    {
        var edited = Photographs.Edited("fog");

        Measure.Channel(edited, Luma).Should().BeGreaterThan(Measure.Channel(Sources, Luma) + 25);
        Measure.Mean(edited, image => image.Contrast).Should().BeLessThan(0.5 * Measure.Mean(Sources, image => image.Contrast));
        Measure.Mean(edited, image => image.DarkChannel).Should().BeGreaterThan(0.5);
        Measure
            .Mean(edited, image => image.UpperDetail / image.Detail)
            .Should()
            .BeLessThan(Measure.Mean(Sources, image => image.UpperDetail / image.Detail));
    }

    [Fact]
    public void Night_darkens_and_turns_blue()
    {
        var edited = Photographs.Edited("night");

        Measure.Channel(edited, Luma).Should().BeInRange(10, 50);
        Measure.Channel(edited, Blue).Should().BeGreaterThan(1.3 * Measure.Channel(edited, Red));
        edited.Should().OnlyContain(image => Measure.Channel(image, Luma) < 55);
    }

    [Fact]
    public void Snow_whitens_the_ground_and_adds_bright_flakes()
    {
        var edited = Photographs.Edited("snow");

        Measure.Channel(edited, Luma, 0.75).Should().BeGreaterThan(Measure.Channel(Sources, Luma, 0.75) + 50);
        Measure.Mean(edited, image => image.Colourfulness).Should().BeLessThan(0.5 * Measure.Mean(Sources, image => image.Colourfulness));
        Measure.Mean(edited, image => image.UpperDetail).Should().BeGreaterThan(Measure.Mean(Sources, image => image.UpperDetail));
    }

    [Fact]
    public void Rain_darkens_greys_and_streaks_downwards()
    {
        var sky = Photographs.Plain(160, 160, 120, 130, 140);

        var edited = Photographs.Edited("rain");
        var streaked = Photographs.Edited(sky, "rain");

        Measure.Channel(edited, Luma).Should().BeLessThan(Measure.Channel(Sources, Luma));
        Measure.Mean(edited, image => image.Colourfulness).Should().BeLessThan(Measure.Mean(Sources, image => image.Colourfulness));
        Steps(streaked, 1, 0).Should().BeGreaterThan(1.8 * Steps(streaked, 0, 1));
    }

    [Fact]
    public void Dusk_dims_and_glows_red_at_the_horizon_and_blue_above()
    {
        var edited = Photographs.Edited(Photographs.Plain(160, 160, 170, 170, 170), "dusk");

        Measure.Channel(Photographs.Edited("dusk"), Luma).Should().BeLessThan(Measure.Channel(Sources, Luma));
        (Measure.Channel(edited, Red, 0.36, 0.46) - Measure.Channel(edited, Blue, 0.36, 0.46)).Should().BeGreaterThan(25);
        (Measure.Channel(edited, Red, 0, 0.06) - Measure.Channel(edited, Blue, 0, 0.06)).Should().BeLessThan(10);
    }

    [Fact]
    public void Exposures_are_ordered()
    {
        string[] prompts = ["under-exposed", "dim light", "bright light", "over-exposed"];

        var levels = prompts.Select(prompt => Measure.Channel(Photographs.Edited(prompt), Luma)).ToArray();

        levels.Should().BeInAscendingOrder();
        Measure.Channel(Sources, Luma).Should().BeInRange(levels[1], levels[2]);
        Measure.Mean(Photographs.Edited("over-exposed"), image => image.BurntLights).Should().BeGreaterThan(0.15);
    }

    [Fact]
    public void Daylight_brings_a_dark_picture_back()
    {
        var dark = Photographs.Edited(Sources[3], "under-exposed");

        var edited = Photographs.Edited(dark, "daylight");

        Measure.Channel(edited, Luma).Should().BeGreaterThan(2 * Measure.Channel(dark, Luma));
    }

    [Fact]
    public void Contrast_goes_both_ways()
    {
        var before = Measure.Mean(Sources, image => image.Contrast);

        var low = Measure.Mean(Photographs.Edited("low contrast"), image => image.Contrast);
        var high = Measure.Mean(Photographs.Edited("high contrast"), image => image.Contrast);

        low.Should().BeLessThan(0.5 * before);
        high.Should().BeGreaterThan(1.2 * before);
    }

    [Fact]
    public void Blur_lowers_the_energy_of_edges()
    {
        var edited = Photographs.Edited("blurred");

        Measure.Mean(edited, image => image.Detail).Should().BeLessThan(0.5 * Measure.Mean(Sources, image => image.Detail));
        Measure.Mean(edited, image => image.Sharpness).Should().BeLessThan(0.3);
    }

    [Fact]
    public void Noise_raises_the_finest_differences_and_keeps_the_mean()
    {
        var edited = Photographs.Edited("noisy");

        Measure.Mean(edited, image => image.Noise).Should().BeGreaterThan(4 * Measure.Mean(Sources, image => image.Noise));
        Measure.Channel(edited, Luma).Should().BeApproximately(Measure.Channel(Sources, Luma), 3);
    }

    [Theory]
    [InlineData("warm light", Red, Blue)]
    [InlineData("cool light", Blue, Red)]
    [InlineData("green cast", Green, Blue)]
    [InlineData("green cast", Green, Red)]
    [InlineData("purple cast", Blue, Green)]
    public void Casts_favour_their_channel_and_keep_the_light(string prompt, int more, int less)
    {
        var edited = Photographs.Edited(prompt);

        var gain = Measure.Channel(edited, more) - Measure.Channel(Sources, more);
        var loss = Measure.Channel(edited, less) - Measure.Channel(Sources, less);

        gain.Should().BeGreaterThan(loss + 10);
        Measure.Channel(edited, Luma).Should().BeApproximately(Measure.Channel(Sources, Luma), 16);
    }

    [Fact]
    public void Monochrome_has_no_colour()
    {
        var edited = Photographs.Edited("black and white");

        edited.Should().OnlyContain(image => image.Pixels.Chunk(3).All(pixel => pixel[0] == pixel[1] && pixel[1] == pixel[2]));
    }

    [Theory]
    [InlineData("dry ground", 1, 0.3)]
    [InlineData("wet ground", -1, 0.3)]
    [InlineData("snowy ground", 1, 0.3)]
    [InlineData("grassy ground", 0, 0.3)]
    [InlineData("purple ground", 0, 0.3)]
    public void Grounds_change_what_is_below_and_leave_what_is_above(string prompt, int brighter, double share)
    {
        var edited = Photographs.Edited(prompt);

        var below = Difference(edited, 0.8, 1);
        var above = Difference(edited, 0, 0.2);
        var light = Measure.Channel(edited, Luma, 0.75) - Measure.Channel(Sources, Luma, 0.75);

        above.Should().BeLessThan(share * below);
        (brighter == 0 || Math.Sign(light) == brighter).Should().BeTrue();
    }

    [Fact]
    public void Dry_ground_is_sandy()
    {
        var edited = Photographs.Edited("dry ground");

        var (red, green, blue) = (
            Measure.Channel(edited, Red, 0.85),
            Measure.Channel(edited, Green, 0.85),
            Measure.Channel(edited, Blue, 0.85)
        );

        red.Should().BeGreaterThan(green + 10);
        green.Should().BeGreaterThan(blue + 20);
    }

    [Fact]
    public void Wet_ground_mirrors_what_stands_above_it()
    {
        var half = Photographs.Plain(160, 160, 60, 60, 60);
        for (var y = 0; y < 80; y++)
        {
            for (var x = 80; x < 160; x++)
            {
                (half.Pixels[(y * 160 + x) * 3], half.Pixels[(y * 160 + x) * 3 + 1]) = (220, 200);
            }
        }

        var edited = Photographs.Edited(half, "wet ground");

        Column(edited, 130, 90, 150).Should().BeGreaterThan(Column(edited, 30, 90, 150) + 15);
    }

    [Fact]
    public void Sky_and_overcast_change_what_is_above()
    {
        foreach (var prompt in new[] { "pale blue sky", "overcast" })
        {
            var edited = Photographs.Edited(prompt);

            Difference(edited, 0, 0.2).Should().BeGreaterThan(1.5 * Difference(edited, 0.8, 1));
        }
    }

    [Fact]
    public void A_thing_unlike_its_ground_is_kept()
    {
        var scene = Photographs.Plain(160, 160, 90, 140, 70);
        for (var y = 70; y < 130; y++)
        {
            for (var x = 60; x < 100; x++)
            {
                (scene.Pixels[(y * 160 + x) * 3], scene.Pixels[(y * 160 + x) * 3 + 1]) = (230, 30);
            }
        }

        var edited = Photographs.Edited(scene, "snowy ground");

        var middle = (110 * 160 + 80) * 3;
        var ground = (140 * 160 + 15) * 3;
        Math.Abs(edited.Pixels[middle + 1] - 30).Should().BeLessThan(20);
        edited.Pixels[ground + 1].Should().BeGreaterThan(190);
    }

    [Fact]
    public void Foliage_covers_borders_in_green_and_leaves_the_middle_free()
    {
        var grey = Photographs.Plain(160, 160, 128, 128, 128);

        var covered = Enumerable.Range(0, 20).Select(seed => Photographs.Edited(grey, "foliage in front", 1, (ulong)seed)).ToArray();

        covered.Average(image => Changed(image, 0.38, 0.62)).Should().BeLessThan(0.05);
        covered.Average(image => Changed(image, 0, 1)).Should().BeInRange(0.08, 0.4);
        Measure.Channel(covered, Green, 0.8).Should().BeGreaterThan(Measure.Channel(covered, Blue, 0.8) + 10);
    }

    [Fact]
    public void Foliage_at_night_is_dark()
    {
        var day = Photographs.Edited(Sources[3], "foliage");

        var night = Photographs.Edited(Sources[3], "foliage at night");

        Measure.Channel(night, Green, 0.9).Should().BeLessThan(0.5 * Measure.Channel(day, Green, 0.9));
    }

    [Fact]
    public void A_small_and_a_large_picture_are_changed_alike()
    {
        foreach (var prompt in new[] { "snow", "rain", "foliage", "noisy", "fog", "wet ground" })
        {
            var small = Measure.Distance([Photographs.Ramp(80, 80)], [Photographs.Edited(Photographs.Ramp(80, 80), prompt)]);

            var large = Measure.Distance([Photographs.Ramp(320, 320)], [Photographs.Edited(Photographs.Ramp(320, 320), prompt)]);

            large.Should().BeApproximately(small, 0.2 * small, prompt);
        }
    }

    private static double Difference(IReadOnlyList<RgbImage> edited, double from, double to) =>
        Sources.Zip(edited, (a, b) => Difference(a, b, from, to)).Average();

    private static double Difference(RgbImage a, RgbImage b, double from, double to)
    {
        var (first, last) = ((int)(from * a.Height) * a.Width * 3, (int)(to * a.Height) * a.Width * 3);
        return a.Pixels[first..last].Zip(b.Pixels[first..last], (x, y) => (double)Math.Abs(x - y)).Average();
    }

    private static double Steps(RgbImage image, int right, int down)
    {
        double sum = 0;
        for (var y = 0; y < image.Height / 2; y++)
        {
            for (var x = 0; x < image.Width - 1; x++)
            {
                sum += Math.Abs(image.Pixels[((y + down) * image.Width + x + right) * 3] - image.Pixels[(y * image.Width + x) * 3]);
            }
        }

        return sum;
    }

    private static double Column(RgbImage image, int x, int from, int to) =>
        Enumerable.Range(from, to - from).Average(y => (double)image.Pixels[(y * image.Width + x) * 3]);

    /// <summary>Share of pixels in the middle square that are no longer grey 128.</summary>
    private static double Changed(RgbImage image, double from, double to)
    {
        var places = Enumerable.Range((int)(from * 160), (int)((to - from) * 160)).ToArray();
        return places.Average(y => places.Average(x => Math.Abs(image.Pixels[(y * 160 + x) * 3 + 2] - 128) > 12 ? 1.0 : 0.0));
    }
}

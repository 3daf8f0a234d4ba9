using Pipeline.Models.Images;
using Pipeline.Models.Procedural;
using Pipeline.Models.Statistics;
using Pipeline.Models.Tests.Procedural;

namespace Pipeline.Models.Tests.Statistics;

public sealed class StatisticsCaptionerTests
{
    private static readonly ImageStatistics Ordinary = new(
        Brightness: 0.45,
        Contrast: 0.2,
        BurntLights: 0,
        Colourfulness: 20,
        DarkChannel: 0.2,
        Sharpness: 0.4,
        Detail: 0.03,
        Noise: 0.005,
        LeastWarmth: -10,
        MostWarmth: 20,
        MeanWarmth: 5,
        Background: "olive",
        Upper: "pale blue",
        Lower: "green",
        Split: 5,
        UpperLightness: 70,
        UpperDetail: 0.01
    );

    private static string[] Captions(IReadOnlyList<RgbImage> images) =>
        [.. new StatisticsCaptioner().CaptionAsync(images, CancellationToken.None).AsTask().Result];

    [Fact]
    public void An_ordinary_picture_gets_an_ordinary_sentence()
    {
        var caption = StatisticsCaptioner.Describe(Ordinary);

        caption.Should().Be("a photo in even light, with an olive background and coarse texture.");
    }

    [Fact]
    public void Sky_and_ground_are_named_where_they_differ()
    {
        var caption = StatisticsCaptioner.Describe(Ordinary with { Split = 18 });

        caption
            .Should()
            .Be("a photo in even light, over green ground, under a pale blue sky, with an olive background and coarse texture.");
    }

    [Fact]
    public void Rough_or_dark_or_green_things_above_are_no_sky()
    {
        var split = Ordinary with { Split = 40 };

        var captions = new[]
        {
            split with
            {
                UpperDetail = 0.03,
            },
            split with
            {
                UpperLightness = 44.9,
            },
            split with
            {
                Upper = "dark green",
            },
        }.Select(StatisticsCaptioner.Describe);

        captions.Should().OnlyContain(caption => !caption.Contains("sky") && caption.Contains("over green ground"));
    }

    public static TheoryData<ImageStatistics, ImageStatistics, string> Bounds =>
        new()
        {
            { Ordinary with { Brightness = 0.319 }, Ordinary with { Brightness = 0.32 }, "dim light" },
            { Ordinary with { Brightness = 0.571 }, Ordinary with { Brightness = 0.57 }, "bright light" },
            { Ordinary with { Brightness = 0.149 }, Ordinary with { Brightness = 0.15 }, "under-exposed" },
            { Ordinary with { Brightness = 0.219, MeanWarmth = -2.1 }, Ordinary with { Brightness = 0.22, MeanWarmth = -2.1 }, "at night" },
            { Ordinary with { Brightness = 0.219, MeanWarmth = -2.1 }, Ordinary with { Brightness = 0.219, MeanWarmth = -2 }, "at night" },
            { Ordinary with { BurntLights = 0.121 }, Ordinary with { BurntLights = 0.12 }, "over-exposed" },
            { Ordinary with { Contrast = 0.099 }, Ordinary with { Contrast = 0.1 }, "low contrast" },
            { Ordinary with { Contrast = 0.266 }, Ordinary with { Contrast = 0.265 }, "high contrast" },
            { Ordinary with { Sharpness = 0.314 }, Ordinary with { Sharpness = 0.315 }, "blurred" },
            { Ordinary with { Noise = 0.0261 }, Ordinary with { Noise = 0.026 }, "noisy" },
            { Ordinary with { Colourfulness = 2.49 }, Ordinary with { Colourfulness = 2.5 }, "monochrome" },
            { Ordinary with { LeastWarmth = 2.1 }, Ordinary with { LeastWarmth = 2 }, "warm light" },
            { Ordinary with { MostWarmth = -2.1 }, Ordinary with { MostWarmth = -2 }, "cool light" },
            { Ordinary with { Split = 18 }, Ordinary with { Split = 17.9 }, "over green ground" },
            { Ordinary with { Detail = 0.0179 }, Ordinary with { Detail = 0.018 }, "smooth texture" },
            { Ordinary with { Sharpness = 0.461 }, Ordinary with { Sharpness = 0.46 }, "fine texture" },
            { Foggy, Foggy with { DarkChannel = 0.46 }, "in fog" },
            { Foggy, Foggy with { Contrast = 0.125 }, "in fog" },
            { Foggy, Foggy with { Colourfulness = 17 }, "in fog" },
            { Foggy, Foggy with { Detail = 0.021 }, "in fog" },
            { Foggy with { Contrast = 0.069, Colourfulness = 31.9 }, Foggy with { Contrast = 0.069, Colourfulness = 32 }, "in fog" },
        };

    private static ImageStatistics Foggy => Ordinary with { DarkChannel = 0.461, Contrast = 0.124, Colourfulness = 16.9, Detail = 0.0209 };

    [Theory]
    [MemberData(nameof(Bounds))]
    public void A_word_is_said_on_one_side_of_its_bound_only(ImageStatistics inside, ImageStatistics outside, string word)
    {
        StatisticsCaptioner.Describe(inside).Should().Contain(word);
        StatisticsCaptioner.Describe(outside).Should().NotContain(word);
    }

    [Fact]
    public void Photographs_in_clear_air_are_neither_foggy_nor_nightly()
    {
        var captions = Captions(Photographs.All);

        captions.Should().OnlyContain(caption => !caption.Contains("fog") && !caption.Contains("night"));
        captions.Should().OnlyHaveUniqueItems();
    }

    [Theory]
    [InlineData("fog", "in fog")]
    [InlineData("night", "at night")]
    [InlineData("blurred", "blurred")]
    [InlineData("monochrome", "monochrome")]
    public void What_the_editor_paints_into_any_photograph_is_found_again(string prompt, string phrase)
    {
        var captions = Captions(Photographs.Edited(prompt));

        captions.Should().OnlyContain(caption => caption.Contains(phrase));
    }

    [Theory]
    [InlineData("noisy", "noisy", 6)]
    [InlineData("over-exposed", "bright light", 5)]
    [InlineData("under-exposed", "dim light", 5)]
    [InlineData("low contrast", "low contrast", 6)]
    public void What_the_editor_paints_into_most_photographs_is_found_again(string prompt, string phrase, int least)
    {
        var captions = Captions(Photographs.Edited(prompt));

        captions.Count(caption => caption.Contains(phrase)).Should().BeGreaterThanOrEqualTo(least);
    }

    [Fact]
    public void A_caption_is_the_same_alone_as_among_others()
    {
        var together = Captions(Photographs.All);

        var alone = Photographs.All.Reverse().Select(image => Captions([image])[0]).Reverse();

        alone.Should().Equal(together);
    }

    [Theory]
    [InlineData("light")]
    [InlineData("ground")]
    [InlineData("sky")]
    [InlineData("background")]
    public void The_editor_knows_every_colour_that_a_caption_can_name(string place)
    {
        var check = () =>
        {
            foreach (var colour in ColourNames.All)
            {
                new ProceduralEditor().Check($"a photo with {colour.Name} {place}");
            }
        };

        check.Should().NotThrow();
    }

    [Fact]
    public async Task Asking_to_stop_stops()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();

        var caption = async () => await new StatisticsCaptioner().CaptionAsync(Photographs.All, stop.Token);

        await caption.Should().ThrowAsync<OperationCanceledException>();
    }
}

using CsCheck;
using Pipeline.Models.Images;
using Pipeline.Models.Language.Phrases;
using Pipeline.Models.Procedural;
using Pipeline.Models.Statistics;
using Pipeline.Models.Tests.Procedural;

namespace Pipeline.Models.Tests.Language.Phrases;

public sealed class PhraseSummarizerTests
{
    private static readonly string[] Birds = ["landbird", "waterbird"];

    // Of the form that BLIP gives, with its junk word.
    private static readonly string[] BlipLike =
    [
        "a bird perched on a branch",
        "a small bird on a wooden fence in the snow",
        "arafed bird standing on a rock near the water",
        "there is a bird that is standing in the water",
        "a bird flying over the ocean with a city skyline in the background",
        "a black and white bird with a red head sitting on a branch",
        "a waterbird standing on the beach",
        "a bird flying over the water",
        "two landbirds in the snow with trees in the background",
        "a bird perched on the branch of a tree",
        "a close up of a bird on a branch",
        "a bird standing on a rock at night",
    ];

    private static string[] Summarize(IEnumerable<string> captions, string[]? classes = null, int limit = 9) =>
        [.. new PhraseSummarizer().SummarizeAsync([.. captions], classes ?? Birds, limit, CancellationToken.None).AsTask().Result];

    private static IReadOnlyList<string> Captions(IReadOnlyList<RgbImage> images) =>
        new StatisticsCaptioner().CaptionAsync(images, CancellationToken.None).AsTask().Result;

    [Fact]
    public void Captions_of_a_language_model_give_what_they_have_in_common()
    {
        var descriptions = Summarize(BlipLike);

        descriptions.Should().Contain("a photo of a {} on a branch").And.Contain("a photo of a {} in the snow");
        descriptions.Should().Contain(description => description.Contains("standing on a rock"));
        descriptions.Should().OnlyContain(description => !description.Contains("araf") && !description.Contains("background"));
    }

    [Fact]
    public void A_foggy_and_a_night_data_set_are_named_without_overlap()
    {
        var foggy = Summarize(Captions(Photographs.Edited("fog")));
        var night = Summarize(Captions(Photographs.Edited("night")));

        foggy.Should().OnlyContain(description => description.Contains("fog") && !description.Contains("night"));
        night.Should().OnlyContain(description => description.Contains("night") && !description.Contains("fog"));
        foggy.Should().NotIntersectWith(night);
    }

    [Fact]
    public void Photographs_give_several_descriptions_all_of_which_the_editor_can_paint()
    {
        string[] prompts = ["daylight", "dim light", "snow", "dusk", "bright light", "rain", "fog"];
        var captions = prompts.SelectMany(prompt => Captions(Photographs.Edited(prompt, 0.6))).Concat(Captions(Photographs.All));

        var descriptions = Summarize(captions);

        descriptions.Length.Should().BeGreaterThan(4);
        descriptions.Should().AllSatisfy(description => new ProceduralEditor().Check(description));
    }

    [Fact]
    public void Descriptions_have_the_placeholder_once_and_single_spaces_and_are_distinct()
    {
        var descriptions = Summarize(BlipLike.Concat(Captions(Photographs.All)));

        descriptions.Should().OnlyHaveUniqueItems();
        descriptions.Should().OnlyContain(description => description.StartsWith("a photo of a {}") && description.Split("{}").Length == 2);
        descriptions.Should().OnlyContain(description => !description.Contains("  ") && description.Trim() == description);
    }

    [Fact]
    public void The_most_frequent_comes_first()
    {
        string[] captions =
        [
            .. Enumerable.Range(0, 6).Select(i => $"a bird in fog, {(char)('a' + i)}{(char)('a' + i)}"),
            .. Enumerable.Range(0, 4).Select(i => $"a bird in rain, {(char)('m' + i)}{(char)('m' + i)}"),
        ];

        var descriptions = Summarize(captions);

        descriptions.Should().Equal("a photo of a {} in fog", "a photo of a {} in rain");
    }

    [Fact]
    public void Phrases_found_together_are_told_together()
    {
        string[] captions =
        [
            "a bird in fog over grey ground",
            "a dog in fog over grey ground",
            "a cat in fog over grey ground",
            "a cat in rain on a roof",
            "a dog in rain on a roof",
        ];

        var descriptions = Summarize(captions);

        descriptions.Should().Equal("a photo of a {} in fog over grey ground", "a photo of a {} in rain on a roof");
    }

    [Fact]
    public void Neither_order_nor_repeats_of_captions_matter()
    {
        string[] captions = [.. BlipLike, .. Captions(Photographs.All), .. Captions(Photographs.Edited("fog", 0.5))];
        var wanted = Summarize(captions);

        Gen.Shuffle(captions).Sample(shuffled => Summarize(shuffled.Concat(shuffled.Take(3))).Should().Equal(wanted), iter: 20);
    }

    [Theory]
    [InlineData("land-bird")]
    [InlineData("Land_Bird")]
    [InlineData("LANDBIRDS")]
    [InlineData("landbird")]
    [InlineData("land bird")]
    [InlineData("land birds")]
    public void Class_words_go_in_any_spelling(string word)
    {
        string[] captions = [$"a thing with a {word} in fog", $"one thing near a {word} in fog"];

        var descriptions = Summarize(captions, ["001.Landbird"]);

        descriptions.Should().Equal("a photo of a {} in fog");
    }

    [Theory]
    [InlineData("night_heron", "a bird beside a night heron at night")]
    [InlineData("Black_footed_Albatross", "a bird beside black-footed albatrosses at night")]
    [InlineData("finch", "a bird beside finches at night")]
    [InlineData("fly", "a bird beside flies at night")]
    public void Class_names_of_several_words_go_as_a_whole_and_by_their_noun(string name, string caption)
    {
        var descriptions = Summarize([caption, caption + " ."], [name]);

        descriptions.Should().Equal("a photo of a {} at night");
    }

    [Fact]
    public void No_description_holds_a_class_name()
    {
        var descriptions = Summarize(BlipLike, ["branch", "snow", "rock"]);

        descriptions
            .Should()
            .OnlyContain(description => !description.Contains("branch") && !description.Contains("snow") && !description.Contains("rock"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(9)]
    public void No_more_are_given_than_wanted(int limit)
    {
        var captions = Enumerable
            .Range(0, 200)
            .Select(i => $"a bird in {(char)('a' + i % 20)}{(char)('a' + i % 20)} light, n{(char)('a' + i / 20)}");

        var descriptions = Summarize(captions, limit: limit);

        descriptions.Should().HaveCount(limit);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    public void A_limit_outside_its_range_is_refused(int limit)
    {
        var summarize = () => Summarize(BlipLike, limit: limit);

        summarize.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*between 1 and 9*");
    }

    [Theory]
    [InlineData]
    [InlineData("a landbird", "two waterbirds.")]
    [InlineData("a bird in the background", "")]
    public void Captions_that_say_nothing_are_an_error_that_tells_what_was_found(params string[] captions)
    {
        var summarize = () => Summarize(captions);

        summarize
            .Should()
            .Throw<InvalidDataException>()
            .Which.Message.Should()
            .Contain($"The {captions.Length} captions")
            .And.Contain("landbird, waterbird")
            .And.Contain(captions.Length == 0 ? "no caption" : $"'{captions[0]}'");
    }

    [Fact]
    public void Qualities_alone_do_when_there_is_nothing_else()
    {
        var descriptions = Summarize(["a photo, low contrast", "a bird, low contrast"]);

        descriptions.Should().Equal("a photo of a {}, low contrast");
    }

    [Fact]
    public void Any_captions_are_summarized_or_refused_and_nothing_else()
    {
        var word = Gen.OneOf(
            "a",
            "bird",
            "in",
            "the",
            "snow",
            "and",
            "with",
            ",",
            "landbird",
            "standing",
            "on",
            "of",
            "-",
            "over-exposed",
            "black",
            "white",
            "near",
            "{}"
        );

        word.Array[0, 12]
            .Select(words => string.Join(' ', words))
            .Array[0, 6]
            .Sample(
                captions =>
                {
                    try
                    {
                        Summarize(captions)
                            .Should()
                            .OnlyContain(text => text.StartsWith("a photo of a {}") && !text.Contains("landbird") && !text.Contains("  "));
                    }
                    catch (AggregateException error) when (error.InnerException is InvalidDataException)
                    {
                        return;
                    }
                    catch (InvalidDataException)
                    {
                        return;
                    }
                },
                iter: 500
            );
    }
}

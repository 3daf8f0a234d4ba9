using CsCheck;
using Pipeline.Models.Images;
using Pipeline.Models.Procedural;
using Pipeline.Models.Statistics;

namespace Pipeline.Models.Tests.Procedural;

public sealed class ProceduralEditorTests
{
    public static TheoryData<string> Effects => [.. ProceduralEffects.All.Select(Prompt)];

    private static string Prompt(ProceduralEffect effect) =>
        effect.Words[0].Replace(ProceduralEffects.ColourMark, "green", StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Effects))]
    public void The_same_request_gives_the_same_bytes(string prompt)
    {
        var source = Photographs.All[2];

        var first = Photographs.Edited(source, prompt, 0.8, 3);
        var second = Photographs.Edited(source, prompt, 0.8, 3);

        second.Pixels.Should().Equal(first.Pixels);
    }

    [Theory]
    [MemberData(nameof(Effects))]
    public void Strength_zero_gives_the_source_in_bytes_of_its_own(string prompt)
    {
        var source = Photographs.All[0];

        var edited = Photographs.Edited(source, prompt, 0);

        edited.Pixels.Should().Equal(source.Pixels).And.NotBeSameAs(source.Pixels);
    }

    [Theory]
    [MemberData(nameof(Effects))]
    public void The_distance_from_the_source_grows_with_strength(string prompt)
    {
        double[] strengths = [0, 0.1, 0.25, 0.5, 0.75, 1];

        var distances = strengths.Select(strength => Measure.Distance(Photographs.All, Photographs.Edited(prompt, strength))).ToArray();

        distances.Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
        distances[^1].Should().BeGreaterThan(2.5);
    }

    [Theory]
    [InlineData("fog at night")]
    [InlineData("snow at dusk, foliage in front")]
    [InlineData("rain over wet ground, blurred")]
    public void The_distance_of_compositions_grows_with_strength_too(string prompt)
    {
        double[] strengths = [0, 0.2, 0.4, 0.6, 0.8, 1];

        var distances = strengths.Select(strength => Measure.Distance(Photographs.All, Photographs.Edited(prompt, strength))).ToArray();

        distances.Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
    }

    [Theory]
    [MemberData(nameof(Effects))]
    public void Every_effect_bears_every_size(string prompt)
    {
        (int Width, int Height)[] sizes = [(1, 1), (2, 1), (3, 500), (500, 3), (1, 90), (17, 5), (64, 64)];

        var edited = sizes.Select(size => Photographs.Edited(Photographs.Ramp(size.Width, size.Height), prompt)).ToArray();

        edited.Select(image => (image.Width, image.Height)).Should().Equal(sizes);
        edited.Should().OnlyContain(image => image.Pixels.Length == image.Width * image.Height * 3);
    }

    [Fact]
    public async Task A_request_gives_the_same_alone_as_among_others()
    {
        var editor = new ProceduralEditor();
        EditRequest[] requests =
        [
            .. ProceduralEffects.All.Select(
                (effect, index) => new EditRequest(Photographs.All[index % 7], Prompt(effect), 0.7, (ulong)(index % 3))
            ),
        ];

        var together = await editor.EditAsync(requests, CancellationToken.None);
        var alone = new List<RgbImage>();
        foreach (var request in requests.Reverse())
        {
            alone.Insert(0, (await editor.EditAsync([request], CancellationToken.None))[0]);
        }

        together
            .Select(image => Convert.ToHexString(image.Pixels))
            .Should()
            .Equal(alone.Select(image => Convert.ToHexString(image.Pixels)));
    }

    [Theory]
    [InlineData("snow")]
    [InlineData("rain")]
    [InlineData("fog")]
    [InlineData("night")]
    [InlineData("noisy")]
    [InlineData("wet ground")]
    [InlineData("foliage")]
    public void Another_seed_gives_another_picture(string prompt)
    {
        var source = Photographs.All[3];

        var first = Photographs.Edited(source, prompt, 1, 1);
        var second = Photographs.Edited(source, prompt, 1, 2);

        Measure.Distance([first], [second]).Should().BeGreaterThan(0.5);
    }

    [Fact]
    public void The_source_is_never_changed()
    {
        var source = Photographs.Ramp(40, 30);
        var before = (byte[])source.Pixels.Clone();

        Photographs.Edited(source, "snow at dusk over wet ground, foliage in front, noisy");

        source.Pixels.Should().Equal(before);
    }

    [Theory]
    [InlineData("a photo of a bird")]
    [InlineData("")]
    [InlineData("no fog")]
    [InlineData("a photo of a {} without any snow")]
    [InlineData("a fog-free day")]
    [InlineData("a photo of a snow bunting")]
    [InlineData("free of mist")]
    public void A_description_without_a_known_word_is_refused_with_all_that_are_known(string prompt)
    {
        var check = () => new ProceduralEditor().Check(prompt);

        var message = check.Should().Throw<InvalidDataException>().Which.Message;

        message
            .Should()
            .ContainAll(ProceduralEffects.All.SelectMany(effect => effect.Words))
            .And.Contain($"'{prompt}'")
            .And.Contain("pale blue");
    }

    [Fact]
    public void Every_word_that_is_listed_is_understood()
    {
        var prompts = ProceduralEffects
            .All.SelectMany(effect => effect.Words)
            .SelectMany(words =>
                ColourNames.All.Select(colour => words.Replace(ProceduralEffects.ColourMark, colour.Name, StringComparison.Ordinal))
            )
            .Distinct(StringComparer.Ordinal)
            .ToArray();

        var check = () => Array.ForEach(prompts, prompt => new ProceduralEditor().Check("a photo of a {} with " + prompt));

        check.Should().NotThrow();
    }

    [Theory]
    [InlineData("a photo of a {} at night, without snow", "night")]
    [InlineData("not in fog, at night", "night")]
    [InlineData("no fog or snow but night", "night")]
    [InlineData("Misty.", "fog")]
    [InlineData("a photo of a Snowy Owl in FOG", "fog")]
    [InlineData("a photo of a night_heron over dry ground", "dry ground")]
    [InlineData("an over-exposed photo", "overexposed")]
    [InlineData("fog and mist and haze", "fog")]
    [InlineData("in front of green-ground", "grass")]
    [InlineData("a light gray sky", "pale grey sky")]
    [InlineData("night with fog", "fog at night")]
    [InlineData("foliage in front, in the snow, at dusk", "dusk snow leaves")]
    public void Descriptions_that_mean_the_same_give_the_same(string prompt, string same)
    {
        var source = Photographs.All[5];

        var edited = Photographs.Edited(source, prompt);
        var wanted = Photographs.Edited(source, same);

        edited.Pixels.Should().Equal(wanted.Pixels);
    }

    [Theory]
    [InlineData(-0.001)]
    [InlineData(1.001)]
    [InlineData(double.NaN)]
    public void Strength_outside_its_range_is_refused(double strength)
    {
        var edit = () => Photographs.Edited(Photographs.Ramp(4, 4), "fog", strength);

        edit.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*between 0 and 1*");
    }

    [Fact]
    public void Bytes_that_do_not_fit_the_size_are_refused()
    {
        var edit = () => Photographs.Edited(new RgbImage(2, 2, new byte[11]), "fog");

        edit.Should().Throw<InvalidDataException>().WithMessage("*2 × 2 with 11 bytes*");
    }

    [Fact]
    public async Task Asking_to_stop_stops()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();

        var edit = async () => await new ProceduralEditor().EditAsync([new EditRequest(Photographs.Ramp(4, 4), "fog", 1, 1)], stop.Token);

        await edit.Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public void Any_text_is_read_or_refused_and_nothing_else()
    {
        var check = (string prompt) =>
        {
            try
            {
                new ProceduralEditor().Check(prompt);
            }
            catch (InvalidDataException)
            {
                return;
            }
        };

        Gen.OneOf(
                Gen.String,
                Gen.OneOf("no", "fog", ",", "free", "of", "photo", "snow", "-", "in").Array.Select(words => string.Join(' ', words))
            )
            .Sample(check, iter: 2000);
    }
}

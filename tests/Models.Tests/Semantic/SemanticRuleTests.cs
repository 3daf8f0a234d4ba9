using Pipeline.Models.Semantic;

namespace Pipeline.Models.Tests.Semantic;

public sealed class SemanticRuleTests
{
    private static readonly Dictionary<string, float[]> Texts = new(StringComparer.Ordinal)
    {
        ["bird"] = [1, 0, 0],
        ["eagle"] = [0.6f, 0.8f, 0],
        ["object"] = [0, 1, 0],
        ["image"] = [0, 0, 1],
    };

    private static SemanticRule Rule(string[] tasks, string[] negatives, float scale = 100) =>
        new(tasks, negatives, texts => [.. texts.Select(text => Texts[text])], scale);

    [Fact]
    public void An_image_is_kept_when_a_task_prompt_is_the_likeliest()
    {
        var judgement = Rule(["bird"], ["object", "image"]).Judge([0.8f, 0.6f, 0]);

        judgement.IsKept.Should().BeTrue();
        judgement.Best.Should().Be("bird");
    }

    [Fact]
    public void A_tie_counts_as_negative()
    {
        var judgement = Rule(["bird"], ["object"]).Judge([0.70710677f, 0.70710677f, 0]);

        judgement.IsKept.Should().BeFalse();
        judgement.Best.Should().Be("object");
        judgement.Score.Should().Be(0.5f);
    }

    [Fact]
    public void Any_of_several_task_prompts_will_do_and_the_score_is_the_mass_of_all()
    {
        var rule = Rule(["bird", "eagle"], ["image"], scale: 2);
        float[] image = [0, 0.6f, 0.8f];

        var judgement = rule.Judge(image);

        // Written out as the formula has it: logits 0, 0.96 and 1.6.
        var mass = (Math.Exp(0) + Math.Exp(0.96)) / (Math.Exp(0) + Math.Exp(0.96) + Math.Exp(1.6));
        judgement.Score.Should().BeApproximately((float)mass, 1e-6f);
        judgement.IsKept.Should().BeFalse();
    }

    [Fact]
    public void The_scale_moves_the_score_and_not_the_verdict()
    {
        float[] image = [0.8f, 0.6f, 0];

        var soft = Rule(["bird"], ["object"], scale: 1).Judge(image);
        var hard = Rule(["bird"], ["object"], scale: 100).Judge(image);

        hard.IsKept.Should().Be(soft.IsKept);
        hard.Score.Should().BeGreaterThan(soft.Score);
    }

    [Theory]
    [InlineData(0, 1, 100)]
    [InlineData(1, 0, 100)]
    [InlineData(1, 1, 0)]
    public void Rule_without_prompts_or_scale_is_refused(int tasks, int negatives, float scale)
    {
        var make = () => Rule([.. Enumerable.Repeat("bird", tasks)], [.. Enumerable.Repeat("object", negatives)], scale);

        make.Should().Throw<ArgumentException>().WithMessage("The semantic rule has *");
    }

    [Fact]
    public void Direction_is_that_of_the_changes_alone()
    {
        float[] source = [1, 0, 0];
        float[] edit = [0.6f, 0.8f, 0];

        var along = Cosines.OfDirections(edit, source, [0.2f, 0.8f, 0.5f], [0.6f, 0, 0.5f]);
        var against = Cosines.OfDirections(edit, source, [0.6f, 0, 0.5f], [0.2f, 0.8f, 0.5f]);

        along.Should().BeApproximately(1, 1e-6);
        against.Should().BeApproximately(-1, 1e-6);
    }

    [Fact]
    public void What_does_not_move_has_no_direction()
    {
        float[] still = [1, 0, 0];

        var image = Cosines.OfDirections(still, still, [0, 1, 0], [0, 0, 1]);
        var text = Cosines.OfDirections([0, 1, 0], still, [0, 1, 0], [0, 1, 0]);

        (image, text).Should().Be((0, 0));
    }

    [Fact]
    public void Embeddings_of_two_encoders_are_not_compared()
    {
        var compare = () => Cosines.OfUnits([1, 0], [1, 0, 0]);

        compare.Should().Throw<ArgumentException>().WithMessage("One embedding has 2 values and the other 3; *");
    }
}

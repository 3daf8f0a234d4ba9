using Pipeline.Stages.Report.Facts;

namespace Pipeline.Stages.Tests.Report.Facts;

public sealed class NextStepsTests
{
    private static readonly double[] Sure = [0.80, 0.81, 0.79, 0.80, 0.82];

    private static RunReport Sound =>
        Reports.Of(Sure, Sure) with
        {
            Accounts = [new("edits", 40, 40, new Dictionary<string, long>(StringComparer.Ordinal), 0, 0)],
        };

    [Fact]
    public void Sound_run_sends_to_the_pictures_alone()
    {
        var steps = NextSteps.Of(Sound);

        steps.Should().ContainSingle().Which.Should().StartWith("Look at the pictures");
    }

    [Fact]
    public void What_was_set_aside_comes_first()
    {
        var steps = NextSteps.Of(Reports.Of(Sure, Sure));

        steps[0].Should().StartWith("8 of 40 edits were set aside or failed");
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(4, true)]
    [InlineData(5, false)]
    public void Fewer_than_five_seeds_are_few(int seeds, bool few)
    {
        var steps = NextSteps.Of(Sound with { Metrics = Reports.Of(Sure[..seeds], Sure[..seeds]).Metrics });

        steps.Any(step => step.Contains("train.seeds=5", StringComparison.Ordinal)).Should().Be(few);
    }

    [Fact]
    public void Classifier_at_chance_is_named_before_the_filter()
    {
        double[] guessing = [0.5, 0.51, 0.49, 0.5, 0.5];

        var steps = NextSteps.Of(Sound with { Metrics = Reports.Of(guessing, guessing).Metrics });

        steps[0].Should().Contain("where guessing gives 50.0 %");
    }

    [Theory]
    [InlineData(50, 0, false)]
    [InlineData(51, 0, true)]
    [InlineData(0, 50, false)]
    [InlineData(0, 51, true)]
    public void More_than_half_too_easy_or_mislabelled_asks_for_another_strength(int tooEasy, int mislabelled, bool asks)
    {
        var classes = new FunnelRow("landbird", 100, tooEasy, mislabelled, 100 - tooEasy - mislabelled, null);

        var steps = NextSteps.Of(Sound with { Classes = [classes] });

        steps.Any(step => step.Contains("edit.strength", StringComparison.Ordinal)).Should().Be(asks);
    }

    [Fact]
    public void Class_without_a_passed_edit_is_named()
    {
        var steps = NextSteps.Of(Sound with { Classes = [new("landbird", 9, 4, 4, 1, 1), new("waterbird", 9, 4, 5, 0, 0)] });

        steps[0].Should().StartWith("No edit of waterbird passed");
    }

    [Fact]
    public void There_are_never_more_than_four()
    {
        var steps = NextSteps.Of(Reports.Of([0.5], [0.4]) with { Classes = [new("landbird", 9, 9, 0, 0, 0)] });

        steps.Should().HaveCount(4);
    }
}

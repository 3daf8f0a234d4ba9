using Pipeline.Stages.Quality;

namespace Pipeline.Stages.Tests.Quality;

public sealed class QualityLimitsTests
{
    private static readonly QualityFigures Good = new(6, 6.25f, 500, 0.05f, 0.05f, 0.5f);

    [Fact]
    public void What_is_exactly_at_a_limit_passes()
    {
        var figures = new QualityFigures(5.5f, 6, 100, 0.25f, 0.25f, 0.5f);

        var verdict = new QualityLimits(5.5, 0.5, 100, 0.5).Verdict(figures);

        verdict.Should().Be("keep");
    }

    [Theory]
    [InlineData(6.1, null, null, null, "low_score")]
    [InlineData(null, 0.2, null, null, "large_gap")]
    [InlineData(null, null, 501.0, null, "blurred")]
    [InlineData(null, null, null, 0.09, "badly_exposed")]
    [InlineData(6.1, 0.2, 501.0, 0.09, "low_score")]
    [InlineData(null, null, null, null, "keep")]
    public void The_first_limit_that_is_broken_is_the_verdict(
        double? score,
        double? gap,
        double? sharpness,
        double? clipped,
        string verdict
    )
    {
        var limits = new QualityLimits(score, gap, sharpness, clipped);

        limits.Verdict(Good).Should().Be(verdict);
    }

    [Fact]
    public void Limits_on_scores_hold_nothing_without_a_predictor()
    {
        var figures = Good with { Score = null, SourceScore = null };

        QualityLimits.InstructDiffusion.Verdict(figures).Should().Be("keep");
    }
}

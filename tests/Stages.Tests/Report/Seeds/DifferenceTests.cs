using Pipeline.Stages.Report.Seeds;

namespace Pipeline.Stages.Tests.Report.Seeds;

public sealed class DifferenceTests
{
    /// <summary>Student's sleep data (Cushny and Peebles 1905), as R 4 has them; expected: R's <c>t.test(extra ~ group, sleep)</c>.</summary>
    [Fact]
    public void Sleep_data_give_what_R_prints()
    {
        var first = SeedSummary.Of([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]);
        var second = SeedSummary.Of([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]);

        var difference = Difference.Between(first, second);

        difference.Value.Should().BeApproximately(1.58, 1e-12);
        difference.Probability.Should().BeApproximately(0.07939, 5e-6);
        (difference.Value - difference.HalfWidth).Should().BeApproximately(-0.2054832, 5e-8);
        (difference.Value + difference.HalfWidth).Should().BeApproximately(3.3654832, 5e-8);
        difference.Noise.Should().Be(Noise.Within);
    }

    [Fact]
    public void Far_groups_are_beyond_noise_and_the_sign_is_that_of_the_second_less_the_first()
    {
        var difference = Difference.Between(SeedSummary.Of([0.50, 0.51, 0.49]), SeedSummary.Of([0.40, 0.41, 0.42]));

        difference.Noise.Should().Be(Noise.Beyond);
        difference.Value.Should().BeApproximately(-0.09, 1e-12);
    }

    [Theory]
    [InlineData(new[] { 0.5 }, new[] { 0.7, 0.8, 0.9 })]
    [InlineData(new[] { 0.5, 0.6 }, new[] { 0.7 })]
    [InlineData(new[] { 0.5, 0.5 }, new[] { 0.7, 0.7 })]
    public void One_seed_or_seeds_without_spread_say_nothing(double[] first, double[] second)
    {
        var difference = Difference.Between(SeedSummary.Of(first), SeedSummary.Of(second));

        difference.Noise.Should().Be(Noise.Unknown);
        difference.HalfWidth.Should().BeNull();
        difference.Value.Should().BePositive();
    }

    [Fact]
    public void One_side_without_spread_leaves_the_spread_of_the_other()
    {
        var difference = Difference.Between(SeedSummary.Of([0.5, 0.5, 0.5]), SeedSummary.Of([0.5, 0.7, 0.6]));

        difference.Probability.Should().BeApproximately(StudentT.TwoSided(0.1 / Math.Sqrt(0.01 / 3), 2), 1e-9);
    }

    [Fact]
    public void Interval_over_seeds_is_the_t_interval_of_their_mean()
    {
        var summary = SeedSummary.Of([0.4, 0.5, 0.6]);

        summary.Mean.Should().BeApproximately(0.5, 1e-12);
        summary.Deviation.Should().BeApproximately(0.1, 1e-12);
        summary.HalfWidth.Should().BeApproximately(4.302652730 * 0.1 / Math.Sqrt(3), 1e-9);
        SeedSummary.Of([0.4]).Should().Be(new SeedSummary(1, 0.4, null, null));
    }
}

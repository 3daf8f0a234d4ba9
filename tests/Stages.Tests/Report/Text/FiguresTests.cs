using Pipeline.Stages.Report.Seeds;
using Pipeline.Stages.Report.Text;

namespace Pipeline.Stages.Tests.Report.Text;

public sealed class FiguresTests
{
    [Theory]
    [InlineData(0.032, "+3.2 points")]
    [InlineData(-0.032, "−3.2 points")]
    [InlineData(-0.0004, "±0.0 points")]
    [InlineData(-0.0625, "−6.3 points")]
    public void Differences_are_in_points_with_their_sign(double difference, string expected)
    {
        var text = Figures.Points(difference);

        text.Should().Be(expected);
    }

    [Theory]
    [InlineData(0.0009999, "p < 0.001")]
    [InlineData(0.001, "p = 0.001")]
    [InlineData(0.0794, "p = 0.079")]
    public void Small_probabilities_are_bounded(double probability, string expected)
    {
        var text = Figures.Probability(probability);

        text.Should().Be(expected);
    }

    [Theory]
    [InlineData(59.94, "59.9 s")]
    [InlineData(60, "1 min 00 s")]
    [InlineData(3599, "59 min 59 s")]
    [InlineData(3840, "1 h 04 min")]
    public void Times_are_in_the_unit_that_people_use(double seconds, string expected)
    {
        var text = Figures.Time(TimeSpan.FromSeconds(seconds));

        text.Should().Be(expected);
    }

    [Theory]
    [InlineData(999, "999 bytes")]
    [InlineData(1000, "1.0 kB")]
    [InlineData(1_000_000, "1.0 MB")]
    [InlineData(2_345_000_000, "2.3 GB")]
    public void Sizes_are_in_powers_of_a_thousand(long bytes, string expected)
    {
        var text = Figures.Bytes(bytes);

        text.Should().Be(expected);
    }

    [Fact]
    public void Shares_round_a_half_upwards_and_carry_their_interval()
    {
        var text = new[] { Figures.Share(0.5625), Figures.Share(new SeedSummary(3, 0.5, 0.01, 0.025)), Figures.Share((SeedSummary?)null) };

        text.Should().Equal("56.3 %", "50.0 ± 2.5 %", "–");
    }
}

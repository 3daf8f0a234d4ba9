using Pipeline.Stages.Report.Seeds;

namespace Pipeline.Stages.Tests.Report.Seeds;

public sealed class StudentTTests
{
    /// <summary>Published tables of the 97.5 % point.</summary>
    [Theory]
    [InlineData(1, 12.706204736)]
    [InlineData(2, 4.302652730)]
    [InlineData(4, 2.776445105)]
    [InlineData(10, 2.228138852)]
    [InlineData(30, 2.042272456)]
    [InlineData(100, 1.983971519)]
    public void Points_are_those_of_the_tables(double degrees, double expected)
    {
        var point = StudentT.Exceeded(0.05, degrees);

        point.Should().BeApproximately(expected, 1e-8);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    [InlineData(-1)]
    [InlineData(4.3)]
    [InlineData(1e3)]
    [InlineData(1e9)]
    public void Two_degrees_have_a_closed_form(double t)
    {
        var probability = StudentT.TwoSided(t, 2);

        // 1 - |t|/√(2 + t²), without cancellation.
        var root = Math.Sqrt(2 + (t * t));
        probability.Should().BeApproximately(2 / (root * (root + Math.Abs(t))), 1e-12);
    }

    [Fact]
    public void One_degree_is_Cauchys()
    {
        var probability = StudentT.TwoSided(1, 1);

        probability.Should().BeApproximately(0.5, 1e-13);
        StudentT.TwoSided(double.PositiveInfinity, 1).Should().Be(0);
    }
}

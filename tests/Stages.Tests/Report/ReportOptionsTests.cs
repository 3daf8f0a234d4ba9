using Pipeline.Stages.Report;

namespace Pipeline.Stages.Tests.Report;

public sealed class ReportOptionsTests
{
    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(1, 1, 0)]
    [InlineData(100, 16, 0)]
    [InlineData(101, 17, 2)]
    [InlineData(1, 0, 1)]
    public void Sources_and_edits_stay_in_range(int sources, int edits, int faults)
    {
        var options = new ReportOptions { Sources = sources, Edits = edits };

        var found = options.Faults("report");

        found.Should().HaveCount(faults);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 0)]
    [InlineData(1000, 0)]
    [InlineData(1001, 1)]
    public void Pairs_stay_in_range(int pairs, int faults)
    {
        var options = new ReportOptions { Pairs = pairs };

        var found = options.Faults("report");

        found.Should().HaveCount(faults);
    }
}

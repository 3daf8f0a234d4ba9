using Pipeline.Stages.Report.Facts;
using Pipeline.Stages.Report.Page;
using Pipeline.Stages.Report.Text;

namespace Pipeline.Stages.Tests.Report.Text;

public sealed class CheckTextsTests
{
    private static RunReport With(ChecksReport? checks) =>
        new()
        {
            Pipeline = "p",
            Seed = 0,
            Checks = checks,
        };

    [Theory]
    [InlineData(10, false)]
    [InlineData(11, true)]
    public void More_than_a_tenth_of_the_originals_refused_is_a_warning(int refused, bool warned)
    {
        var report = With(new ChecksReport { Health = new HealthFigure("semantic-originals", 100, refused) });

        var warnings = ReportWarnings.Of(report);

        warnings.Any().Should().Be(warned);
        MarkdownReport.Render(report).Contains("do not fit the data set", StringComparison.Ordinal).Should().Be(warned);
    }

    [Fact]
    public void Duplicates_across_splits_that_stay_are_a_warning()
    {
        var report = With(new ChecksReport { Duplicates = new DuplicateFigures(10, 0, 0, 2, 0, 0, 0) });

        ReportWarnings.Of(report).Should().ContainSingle().Which.Should().StartWith("2 pairs of images look alike across splits");
    }

    [Fact]
    public void Flag_rates_of_originals_stand_beside_those_of_edits_in_both_forms()
    {
        var report = With(
            new ChecksReport
            {
                Flags = [new FlagRow("bird", 50, 1, 200, 10)],
                Edits = [new CheckRow("safety", 200, new Dictionary<string, int> { ["unsafe"] = 10 })],
            }
        );

        var markdown = MarkdownReport.Render(report);
        var page = HtmlReport.Render(report, [], new RunTimes([], TimeSpan.Zero));

        markdown.Should().Contain("| bird | 50 | 1 (2.0 %) | 200 | 10 (5.0 %) |").And.Contain("| safety | 200 | 190 | 10 unsafe |");
        page.Should().Contain("10 (5.0 %)").And.Contain("""<section id="checks">""");
    }

    [Fact]
    public void Report_without_checks_does_not_mention_them()
    {
        var report = With(null);

        MarkdownReport.Render(report).Should().NotContain("Checks");
        HtmlReport.Render(report, [], new RunTimes([], TimeSpan.Zero)).Should().NotContain("id=\"checks\"");
    }
}

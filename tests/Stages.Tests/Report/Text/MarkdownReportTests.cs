using Pipeline.Stages.Report.Text;

namespace Pipeline.Stages.Tests.Report.Text;

public sealed class MarkdownReportTests
{
    [Fact]
    public void Text_holds_the_finding_the_scores_the_funnel_and_the_account()
    {
        var text = MarkdownReport.Render(Reports.Of([0.50, 0.51, 0.49], [0.60, 0.61, 0.59]));

        text.Should()
            .StartWith("# Report: starter, seed 0\n\n**The edits raised accuracy on test")
            .And.Contain("\n| training | images trained on | steps | seeds | accuracy |")
            .And.Contain("\n| original+kept | 33 | 6 | 3 | 60.0 ± 2.5 % |")
            .And.Contain("| +10.0 ± 2.3 points, p &lt; 0.001 (beyond noise) |\n")
            .And.Contain("\n| landbird/land | 50.0 ± 2.5 % | 60.0 ± 2.5 % |\n")
            .And.Contain("\n| original | landbird | waterbird | 6 | 33.3 % |\n")
            .And.Contain("\n| all edits | 40 | 6 | 13 | 20 | 13 |\n")
            .And.Contain("\n| edits | 40 | 13 | 19: 13 mislabelled, 6 too easy | 8 | 0 |\n")
            .And.Contain("`--set train.seeds=5`");
    }

    [Theory]
    [InlineData("<script>", "&lt;script&gt;")]
    [InlineData("a|b", "a\\|b")]
    [InlineData("*a* [b](c) `d`", "\\*a\\* \\[b\\](c) \\`d\\`")]
    [InlineData("snake_case _a_", "snake_case \\_a\\_")]
    [InlineData("two\nlines", "two lines")]
    public void Text_from_data_means_itself(string name, string expected)
    {
        var text = MarkdownReport.Render(Reports.Of([0.5], [0.6], one: name));

        text.Should().Contain($"\n| {expected} | 24 |");
    }
}

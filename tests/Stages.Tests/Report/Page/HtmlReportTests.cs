using System.Text.RegularExpressions;
using Pipeline.Stages.Report.Facts;
using Pipeline.Stages.Report.Page;
using Pipeline.Stages.Report.Seeds;

namespace Pipeline.Stages.Tests.Report.Page;

public sealed partial class HtmlReportTests
{
    private const string Hostile = "<script>alert('&\"x\"')</script>";
    private static readonly double[] Low = [0.50, 0.51, 0.49];
    private static readonly double[] High = [0.60, 0.61, 0.59];
    private static readonly RunTimes Times = new(
        [
            new StageTime("train", 6, 0, TimeSpan.FromSeconds(64), TimeSpan.FromSeconds(63), 0),
            new StageTime("edit", 3, 120, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(3), 4_880_088),
        ],
        TimeSpan.FromSeconds(66)
    );

    [Fact]
    public void Page_begins_with_the_finding_and_says_all_that_was_asked()
    {
        var page = HtmlReport.Render(Reports.Of(Low, High), [Reports.Pair("keep"), Reports.Pair("too_easy", 1, "waterbird")], Times);

        page.Should()
            .StartWith("<!doctype html>")
            .And.Contain("""<h1 class="finding gain">The edits raised accuracy on test from 50.0&#xA0;% to 60.0&#xA0;%""")
            .And.Contain("Mean over 3 seeds ± half of its 95 % interval (Student&#x27;s t).")
            .And.Contain("Equal epochs, steps and seeds")
            .And.Contain("The bottleneck is <strong>train</strong>, at work for 1 min 04 s")
            .And.Contain("What original takes for what")
            .And.Contain("landbird/land")
            .And.Contain("0.61 / 0.75")
            .And.Contain("passed, in training");
        Sections()
            .Matches(page)
            .Select(match => match.Groups["id"].Value)
            .Should()
            .Equal("accuracy", "funnel", "pairs", "scores", "curves", "times", "account");
    }

    [Fact]
    public void Page_fetches_nothing_and_every_picture_table_and_chart_is_named()
    {
        var page = HtmlReport.Render(Reports.Of(Low, High), [Reports.Pair("keep")], Times);

        var text = OwnCode().Replace(page, "").Replace("<link rel=\"icon\" href=\"data:,\">", "", StringComparison.Ordinal);
        text.Should().NotContainAny("http:", "https:", "<link", "@import", " src=\"/", "url(");
        text.Should().Contain("default-src &#x27;none&#x27;");
        Count(text, "<img").Should().Be(2).And.Be(Count(text, "<img src=\"data:image/jpeg;base64,"));
        Count(text, "<table").Should().Be(Count(text, "<caption><span>"));
        Count(text, "data-chart=").Should().Be(Count(text, "class=\"plot\" role=\"img\" aria-label=\"")).And.BeGreaterThan(4);
        Alternatives().Count(text).Should().Be(2);
    }

    [Fact]
    public void Text_from_data_is_never_markup_anywhere_on_the_page()
    {
        var plain = HtmlReport.Render(Reports.Of(Low, High), [Reports.Pair("keep")], Times);

        var page = HtmlReport.Render(
            Reports.Of(Low, High, one: Hostile, two: "</script><img src=x onerror=y>") with
            {
                Pipeline = Hostile,
                Prompts = [new($"a {Hostile}", 1, 0, 0, 1, 1)],
                Options = new Dictionary<string, string>(StringComparer.Ordinal) { ["train.init"] = Hostile },
            },
            [Reports.Pair("keep", name: Hostile, prompt: Hostile)],
            new RunTimes([new StageTime(Hostile, 1, 1, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), 1)], TimeSpan.FromSeconds(1))
        );

        page.Should().Contain("&lt;script&gt;alert(&#x27;&amp;&quot;x&quot;&#x27;)&lt;/script&gt;");
        Count(page, "<script").Should().Be(Count(plain, "<script"));
        Count(page, "</script").Should().Be(Count(plain, "</script"));
        Count(page, "<img").Should().Be(2);
        page.Should().NotContain("onerror=y>\"").And.NotContain("alert('&");
    }

    [Fact]
    public void Equal_facts_give_equal_text_and_only_the_times_differ_with_the_times()
    {
        var report = Reports.Of(Low, High);

        var one = HtmlReport.Render(report, [Reports.Pair("keep")], Times);
        var same = HtmlReport.Render(report, [Reports.Pair("keep")], Times);
        var slower = HtmlReport.Render(report, [Reports.Pair("keep")], new RunTimes([], TimeSpan.Zero));

        same.Should().Be(one);
        slower.Should().NotBe(one);
        TimeSection().Replace(slower, "").Should().Be(TimeSection().Replace(one, ""));
    }

    [Fact]
    public void Run_without_training_edits_or_times_is_still_a_page()
    {
        var page = HtmlReport.Render(new RunReport { Pipeline = "captions", Seed = 0 }, [], new RunTimes([], TimeSpan.Zero));

        page.Should()
            .Contain("No classifier was trained.")
            .And.Contain("No edit was made.")
            .And.Contain("There are no edits to show.")
            .And.Contain("No edit was judged.")
            .And.Contain("There is no learning curve")
            .And.Contain("No times were kept.");
    }

    [Fact]
    public void Source_that_is_gone_is_said_to_be()
    {
        var page = HtmlReport.Render(Reports.Of(Low, High), [Reports.Pair("keep") with { Before = null }], Times);

        page.Should().Contain("the original is not where it was");
        Count(page, "<img").Should().Be(1);
    }

    [Fact]
    public void Many_classes_are_cut_to_what_a_person_reads()
    {
        var report = Reports.Of(Low, High);
        var classes = Enumerable.Range(0, 200).Select(index => $"class {index}").ToList();

        var page = HtmlReport.Render(
            report with
            {
                Classes = [.. classes.Select(name => new FunnelRow(name, 3, 1, 1, 1, 1))],
                Scores = [.. classes.Select(name => report.Scores[0] with { Class = name })],
                Metrics =
                [
                    .. report.Metrics.Select(row =>
                        row with
                        {
                            PerClass = classes.ToDictionary(name => name, name => (double?)0.5, StringComparer.Ordinal),
                            Confusion = new Dictionary<string, IReadOnlyDictionary<string, int>>(StringComparer.Ordinal)
                            {
                                ["class 3"] = new Dictionary<string, int>(StringComparer.Ordinal) { ["class 3"] = 1, ["class 9"] = 2 },
                            },
                        }
                    ),
                ],
            },
            [],
            Times
        );

        page.Should()
            .Contain("The first 60 of 200; all are in report.json.")
            .And.Contain("Shown are the 12 classes with the most edits, of 200")
            .And.Contain("The 40 of 200 with the least of original")
            .And.Contain("The most frequent mistakes of original")
            .And.Contain(
                """<tr><th scope="row">class 3</th><td>class 9</td><td class="number">6</td><td class="number">66.7 %</td></tr>"""
            );
    }

    [Theory]
    [InlineData(0.42, 0.57, 0.4, 0.6)]
    [InlineData(-0.2, 1.3, 0, 1)]
    [InlineData(0.5, 0.5, 0.4, 0.6)]
    public void Axis_is_the_least_in_tenths_that_holds_the_intervals(double low, double high, double from, double to)
    {
        var summary = new SeedSummary(3, (low + high) / 2, 0.1, (high - low) / 2);

        var axis = ShareAxis.Of([summary, null]);

        axis.From.Should().BeApproximately(from, 1e-9);
        axis.To.Should().BeApproximately(to, 1e-9);
        axis.At(from).Should().Be(0);
        axis.At(to + 1).Should().Be(1);
    }

    private static int Count(string text, string part) => Regex.Count(text, Regex.Escape(part), RegexOptions.None, TimeSpan.FromSeconds(5));

    [GeneratedRegex("<section id=\"(?<id>\\w+)\">", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 5_000)]
    private static partial Regex Sections();

    [GeneratedRegex("<section id=\"times\">.*?</section>", RegexOptions.Singleline | RegexOptions.CultureInvariant, 5_000)]
    private static partial Regex TimeSection();

    [GeneratedRegex(
        "<(?<tag>script|style)>.*?</\\k<tag>>",
        RegexOptions.ExplicitCapture | RegexOptions.Singleline | RegexOptions.CultureInvariant,
        5_000
    )]
    private static partial Regex OwnCode();

    [GeneratedRegex(" alt=\"[^\"]+\"", RegexOptions.CultureInvariant, 5_000)]
    private static partial Regex Alternatives();
}

using Pipeline.Stages.Report.Facts;
using Pipeline.Stages.Report.Seeds;

namespace Pipeline.Stages.Tests.Report.Facts;

public sealed class RunComparisonTests
{
    private static readonly double[] Low = [0.50, 0.51, 0.49];
    private static readonly double[] High = [0.60, 0.61, 0.59];

    [Fact]
    public void Run_does_not_differ_from_itself()
    {
        var comparison = RunComparison.Of(Reports.Of(Low, High), Reports.Of(Low, High));

        comparison.Options.Should().BeEmpty();
        comparison.Counts.Should().BeEmpty();
        comparison.SameData.Should().BeTrue();
        comparison.Measures.Should().HaveCount(8).And.OnlyContain(row => row.Difference.Value == 0 && row.Difference.Noise == Noise.Within);
    }

    [Fact]
    public void Options_counts_and_data_that_differ_are_named()
    {
        var first = Reports.Of(Low, High);
        var second = first with
        {
            Seed = 7,
            Options = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["edit.strength"] = "0.5", ["select.quota"] = "all" },
            DataContent = "0100",
            Classes = [first.Classes[0] with { Passed = 12, TooEasy = 2 }, first.Classes[1]],
        };

        var comparison = RunComparison.Of(first, second);

        comparison
            .Options.Should()
            .Equal(
                new("seed", "0", "7"),
                new("edit.strength", "0.7", "0.5"),
                new("train.seeds", "3", "–"),
                new("select.quota", "–", "all")
            );
        comparison.SameData.Should().BeFalse();
        comparison
            .Counts.Should()
            .Equal(
                new("edits too easy, landbird", "4", "2"),
                new("edits passed, landbird", "10", "12"),
                new("edits too easy, all edits", "6", "4"),
                new("edits passed, all edits", "20", "22")
            );
    }

    [Fact]
    public void Differences_are_the_second_less_the_first_and_judged_by_the_seeds()
    {
        var comparison = RunComparison.Of(Reports.Of(Low, High), Reports.Of(Low, Low));

        var kept = comparison.Measures.Single(row => row is { Training: "original+kept", Measure: "accuracy" });
        kept.Difference.Value.Should().BeApproximately(-0.1, 1e-12);
        kept.Difference.Noise.Should().Be(Noise.Beyond);
    }

    [Fact]
    public void One_seed_cannot_be_told_from_noise_and_what_only_one_run_has_is_not_compared()
    {
        var comparison = RunComparison.Of(Reports.Of([0.5], []), Reports.Of(Low, High));

        comparison
            .Measures.Should()
            .HaveCount(4)
            .And.OnlyContain(row => row.Difference.Noise == Noise.Unknown && row.Training == "original");
    }
}

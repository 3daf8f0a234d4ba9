using Pipeline.Stages.Report.Facts;

namespace Pipeline.Stages.Tests.Report.Facts;

public sealed class FindingTests
{
    [Fact]
    public void Gain_beyond_noise_is_told_with_its_interval()
    {
        var report = Reports.Of([0.50, 0.51, 0.49], [0.60, 0.61, 0.59]);

        var finding = Finding.Of(report);

        finding.Tone.Should().Be(Tone.Gain);
        finding
            .Sentence.Should()
            .Be("The edits raised accuracy on test from 50.0 % to 60.0 % (+10.0 ± 2.3 points, p < 0.001): beyond the noise of 3 seeds.");
    }

    [Fact]
    public void Loss_beyond_noise_is_told_as_such()
    {
        var finding = Finding.Of(Reports.Of([0.60, 0.61, 0.59], [0.50, 0.51, 0.49]));

        finding.Tone.Should().Be(Tone.Loss);
        finding.Sentence.Should().StartWith("The edits lowered accuracy on test from 60.0 % to 50.0 % (−10.0 ± 2.3 points");
    }

    [Fact]
    public void Difference_within_noise_is_no_gain()
    {
        var finding = Finding.Of(Reports.Of([0.50, 0.60, 0.40], [0.52, 0.63, 0.41]));

        finding.Tone.Should().Be(Tone.Open);
        finding.Sentence.Should().Contain("went from 50.0 % to 52.0 %").And.EndWith("no more than the noise of 3 seeds.");
    }

    [Fact]
    public void One_seed_says_nothing_of_noise()
    {
        var finding = Finding.Of(Reports.Of([0.5], [0.9]));

        finding.Tone.Should().Be(Tone.Open);
        finding
            .Sentence.Should()
            .Be(
                "With the edits, accuracy on test went from 50.0 % to 90.0 % (+40.0 points); there is one seed only, so it cannot be told from noise."
            );
    }

    [Fact]
    public void Equal_seeds_say_nothing_of_noise()
    {
        var finding = Finding.Of(Reports.Of([0.5, 0.5], [0.9, 0.9]));

        finding.Sentence.Should().Contain("no seed differs from another");
    }

    [Fact]
    public void What_was_not_measured_is_said()
    {
        var whole = Reports.Of([0.5], [0.9]);

        var untrained = Finding.Of(whole with { Metrics = [] });
        var untested = Finding.Of(whole with { Metrics = [Reports.Row("original", 0, 0.5, split: "validation")] });
        var alone = Finding.Of(whole with { Metrics = [Reports.Row("original", 0, 0.5)] });

        untrained.Sentence.Should().StartWith("No classifier was trained,");
        untested.Sentence.Should().StartWith("There is no test split");
        alone.Sentence.Should().StartWith("No classifier was trained both with and without");
    }

    [Fact]
    public void Split_named_test_speaks_for_the_models_else_the_first_by_name_and_validation_never()
    {
        ScoreRow[] rows =
        [
            .. new[] { "validation", "test_b", "test", "test_a" }.Select(split => Reports.Row("original", 0, 0.5, split: split)),
        ];

        var splits = new[]
        {
            TrainingScores.MainSplit(rows),
            TrainingScores.MainSplit(rows.Where(row => row.Split != "test")),
            TrainingScores.MainSplit(rows[..1]),
        };

        splits.Should().Equal("test", "test_a", null);
        TrainingScores.Of(rows).Select(scores => scores.Split).Should().Equal("test", "test_a", "test_b", "validation");
    }
}

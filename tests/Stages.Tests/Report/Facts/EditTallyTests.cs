using Pipeline.Stages.Report.Facts;

namespace Pipeline.Stages.Tests.Report.Facts;

public sealed class EditTallyTests
{
    [Fact]
    public void Every_edit_is_counted_by_class_by_description_and_by_confidence()
    {
        var tally = new EditTally();
        JudgedEdit[] edits =
        [
            Edit(1, "waterbird", 0, "keep", 0.3, chosen: true),
            Edit(1, "waterbird", 1, "keep", 0.3, chosen: false),
            Edit(0, "landbird", 0, "too_easy", 1.0, chosen: false),
            Edit(0, "landbird", 1, "mislabelled", 0.8, chosen: false),
            Edit(0, "landbird", 1, null, 0, chosen: false),
        ];

        foreach (var edit in edits)
            tally.Add(edit);

        tally.Classes.Should().Equal(new FunnelRow("landbird", 3, 1, 1, 0, 0), new FunnelRow("waterbird", 2, 0, 0, 2, 1));
        tally.Classes[0].Unjudged.Should().Be(1);
        tally.Prompts.Should().Equal(new FunnelRow("a {} in fog 0", 2, 1, 0, 1, 1), new FunnelRow("a {} in fog 1", 3, 0, 1, 1, 0));
        tally.Scores[0].TooEasy[^1].Should().Be(1);
        tally.Scores[0].Mislabelled[20].Should().Be(1);
        tally.Scores[0].Limits.Should().Equal(0.75);
        tally.Scores[1].Passed[7].Should().Be(2);
    }

    [Fact]
    public void Without_a_selection_nothing_is_said_of_the_training_set()
    {
        var tally = new EditTally();

        tally.Add(Edit(0, "landbird", 0, "keep", 0.5, chosen: null));

        tally.Classes[0].Chosen.Should().BeNull();
        FunnelRow.Sum("all", tally.Classes).Chosen.Should().BeNull();
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.0399, 0)]
    [InlineData(0.04, 1)]
    [InlineData(0.9999, 24)]
    [InlineData(1, 24)]
    public void Parts_of_a_histogram_are_closed_below_and_the_last_one_above_too(double confidence, int bin)
    {
        var found = ScoreHistogram.BinOf(confidence);

        found.Should().Be(bin);
    }

    private static JudgedEdit Edit(int label, string name, int prompt, string? verdict, double confidence, bool? chosen) =>
        new(0, "s", "v", label, name, prompt, $"a {{}} in fog {prompt}", $"a {name} in fog {prompt}", verdict, confidence, 0.75, chosen);
}

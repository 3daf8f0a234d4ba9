using Pipeline.Stages.Ingest;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Topology;

namespace Pipeline.Stages.Tests.Runs.Topology;

public sealed class TopologyHistoryTests
{
    private const string Line = "ingest: {}, first: {}, second: {}, sum: {}";
    private const string Inserted = "ingest: {}, first: {}, late: {}, second: {}, sum: {}";
    private const string Branched = "ingest: {}, first: {}, second: {}, late: { after: first }, sum: { after: [second, late] }";

    private static readonly StageCatalog Catalog = new([
        new IngestKind(),
        new EndingKind("first"),
        new EndingKind("second"),
        new EndingKind("late"),
        new SumKind(_ => throw new InvalidOperationException()),
    ]);

    [Fact]
    public void A_stamp_is_raised_where_only_what_is_below_the_stage_has_changed()
    {
        var history = Of((TopologyFrom.Start, Line), (TopologyFrom.Now, Inserted));

        history.Stamp("ingest", 1).Should().Be(2);
        history.Stamp("first", 1).Should().Be(2);
        history.Stamp("second", 1).Should().Be(1, "the batch did not pass the stage that was inserted before");
        history.Stamp("second", 2).Should().Be(2);
    }

    [Fact]
    public void A_batch_that_passed_the_place_of_a_side_branch_keeps_its_stamp_to_the_end()
    {
        var history = Of((TopologyFrom.Start, Line), (TopologyFrom.Now, Branched));

        history.Stamp("second", 1).Should().Be(1);
        history.Stamp("first", 1).Should().Be(2);
    }

    [Fact]
    public void A_batch_in_a_stage_that_was_removed_leaves_it_as_it_came()
    {
        var history = Of((TopologyFrom.Start, Inserted), (TopologyFrom.Now, Line));

        history.Stamp("late", 1).Should().Be(1);
        history.Stamp("first", 1).Should().Be(2);
        history.Next("late", 1).Should().Equal("second");
        history.Find("late", 2).Should().BeNull();
    }

    [Fact]
    public void A_change_of_settings_holds_for_batches_that_have_not_come_to_the_stage()
    {
        var history = Of(
            (TopologyFrom.Start, Line),
            (TopologyFrom.Now, Line.Replace("second: {}", "second: { ending: x }", StringComparison.Ordinal))
        );

        history.Stamp("first", 1).Should().Be(2);
        history.Stamp("second", 1).Should().Be(1);
        Ending(history, 1).Should().Be("");
        Ending(history, 2).Should().Be("x");
        history.SetAt("second", 1).Should().Be(0);
    }

    [Fact]
    public void What_is_changed_from_the_start_holds_for_batches_of_every_stamp()
    {
        var history = Of(
            (TopologyFrom.Start, Line),
            (TopologyFrom.Start, Inserted),
            (TopologyFrom.Start, Inserted.Replace("second: {}", "second: { ending: x }", StringComparison.Ordinal))
        );

        history.Next("first", 1).Should().Equal("late");
        history.Follows("second", "first", 1).Should().BeFalse();
        history.Follows("second", "late", 1).Should().BeTrue();
        Ending(history, 1).Should().Be("x");
        history.SetAt("second", 1).Should().Be(3);
        history.Stamp("second", 1).Should().Be(3);
    }

    [Fact]
    public void What_stands_on_a_stage_that_old_batches_did_not_pass_is_not_given_to_them()
    {
        var history = Of(
            (TopologyFrom.Start, Line),
            (TopologyFrom.Now, Inserted),
            (TopologyFrom.Start, "ingest: {}, first: {}, late: {}, more: { kind: late }, second: {}, sum: {}")
        );

        history.Find("more", 1).Should().BeNull();
        history.Follows("second", "first", 1).Should().BeTrue();
        history.Follows("second", "more", 2).Should().BeTrue();
    }

    [Fact]
    public void A_removed_stage_is_still_one_of_the_run_and_work_over_the_whole_run_waits_for_it()
    {
        var history = Of((TopologyFrom.Start, Branched), (TopologyFrom.Now, Line));

        history.All.Stages.Select(stage => stage.Name).Should().BeEquivalentTo("ingest", "first", "second", "sum", "late");
        history.All.Find("sum")!.After.Should().BeEquivalentTo("second", "late");
        history.Pipeline.Find("late").Should().BeNull();
    }

    [Fact]
    public void Two_stages_that_change_places_are_before_one_another_and_nothing_is_endless()
    {
        var history = Of((TopologyFrom.Start, Line), (TopologyFrom.Now, "ingest: {}, second: {}, first: {}, sum: {}"));

        history.Before("first").Should().BeEquivalentTo("ingest", "first", "second");
        history.Stamp("first", 1).Should().Be(1);
        history.Stamp("ingest", 1).Should().Be(2);
    }

    [Fact]
    public void A_stamp_of_an_earlier_pipeline_counts_as_the_oldest()
    {
        var history = new TopologyHistory([new TopologyStep(5, TopologyFrom.Start, Read(Line), [])]);

        history.Plan(2).Should().Be(Read(Line));
        history.Stamp("first", 2).Should().Be(5);
    }

    private static string Ending(TopologyHistory history, int version) => ((EndingOptions)history.Find("second", version)!.Options).Ending;

    private static TopologyHistory Of(params IReadOnlyList<(TopologyFrom From, string Stages)> versions) =>
        new([.. versions.Select((version, index) => new TopologyStep(index + 1, version.From, Read(version.Stages), []))]);

    private static PipelineDefinition Read(string stages) => PipelineFile.Read($"pipeline: p\nstages: {{ {stages} }}", "test", Catalog, []);
}

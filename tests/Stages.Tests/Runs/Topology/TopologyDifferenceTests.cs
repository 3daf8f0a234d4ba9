using Pipeline.Stages.Export;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Topology;
using Pipeline.Stages.Tests.Runs.Definition;

namespace Pipeline.Stages.Tests.Runs.Topology;

public sealed class TopologyDifferenceTests
{
    private static readonly StageCatalog Catalog = new([
        .. StageCatalog.Of(typeof(ExportKind).Assembly).Kinds,
        new WordKind("word", uri => uri),
    ]);

    private static readonly PipelineDefinition Starter = PipelineFile.Read(Presets.Find("starter").Text, "starter", Catalog, []);

    [Fact]
    public void Equal_pipelines_differ_in_nothing()
    {
        var moved = Starter with { Stages = [.. Starter.Stages.Reverse()] };

        var difference = TopologyDifference.Of(Starter, moved);

        difference.IsNone.Should().BeTrue();
        (difference.Sentence, difference.Obstacles.Count).Should().Be(("", 0));
    }

    [Fact]
    public void Inserted_stage_and_its_consequence_are_lines_and_the_stage_is_the_sentence()
    {
        var to = TopologyEdit.Add(Starter, Catalog, new StageAddition("blur", "word", "edit", "filter", []));

        var difference = TopologyDifference.Of(Starter, to);

        difference.Lines.Should().Equal("+ blur  after edit, before filter, of the kind word", "~ filter.after edit → blur");
        difference.Sentence.Should().Be("blur is added after edit, before filter, of the kind word");
        (difference.Added.Single(), difference.Changed.Single(), difference.Removed.Count).Should().Be(("blur", "filter", 0));
        difference.Obstacles.Should().BeEmpty();
        difference.Warnings.Should().BeEmpty();
    }

    [Fact]
    public void Side_branch_tells_its_options_that_are_not_the_kind_s_defaults()
    {
        var to = TopologyEdit.Add(Starter, Catalog, new StageAddition("second", "caption", "ingest", null, ["microBatch=4"]));

        var difference = TopologyDifference.Of(Starter, to);

        difference
            .Lines.Should()
            .Equal("+ second  after ingest as a side branch, of the kind caption, microBatch=4", "~ export.after select → select, second");
        difference.Obstacles.Should().BeEmpty();
    }

    [Fact]
    public void Removed_stage_is_told_with_its_place_and_what_followed_it()
    {
        var from = TopologyEdit.Add(Starter, Catalog, new StageAddition("word", "word", "edit", "filter", []));

        var difference = TopologyDifference.Of(from, Starter);

        difference.Lines.Should().Equal("~ filter.after word → edit", "- word  was after edit, before filter");
        difference.Sentence.Should().Be("word is removed");
        difference.Removed.Should().Equal("word");
    }

    [Fact]
    public void Changed_options_are_told_with_both_values()
    {
        var to = TopologyEdit.Set(Starter, Catalog, "edit", ["strength=0.5", "prompts=in snow"]);

        var difference = TopologyDifference.Of(Starter, to);

        difference.Lines.Should().Equal("~ edit.prompts [] → [\"in snow\"]", "~ edit.strength 0.7 → 0.5");
        difference.Sentence.Should().Be("edit.prompts is [\"in snow\"] instead of []; edit.strength is 0.5 instead of 0.7");
    }

    [Fact]
    public void Stage_that_follows_another_one_is_told()
    {
        var text = "pipeline: p\nstages:\n  ingest:\n  caption:\n  word: { after: caption }\n";
        var from = PipelineFile.Read(text, "p", Catalog, []);
        var to = PipelineFile.Read(text.Replace("after: caption", "after: ingest"), "p", Catalog, []);

        var difference = TopologyDifference.Of(from, to);

        difference.Lines.Should().Equal("~ word.after caption → ingest");
        difference.Sentence.Should().Be("word follows ingest");
    }

    [Theory]
    [InlineData("seeds: 3", "seeds: 4", "train.seeds would change from 3 to 4, and train works over the whole run; *")]
    [InlineData("ingest: {}", "ingest: { batch: 8 }", "ingest.batch would change from 64 to 8, and ingest lists the input; *")]
    [InlineData("  report: { after: [export, train] }\n", "", "report works over the whole run; a stage that leaves *")]
    [InlineData("pipeline: starter", "pipeline: other", "The pipeline's name would change from starter to other; *")]
    [InlineData(
        "report: { after: [export, train] }",
        "report: { after: export }",
        "report works over the whole run, and would follow export instead of export and train; *"
    )]
    [InlineData(
        "  describe: { after: caption, backend: phrases }",
        "  word: { after: caption }\n  describe: { after: [caption, word], backend: phrases }",
        "describe makes domains for the whole run, and would follow caption and word instead of caption; *"
    )]
    public void What_a_run_that_goes_on_cannot_take_is_an_obstacle(string old, string changed, string obstacle)
    {
        var text = Presets.Find("starter").Text.Replace(old, changed);
        var to = PipelineFile.Read(text, "p", Catalog, []);

        var difference = TopologyDifference.Of(Starter, to);

        difference.Obstacles.Should().ContainSingle().Which.Should().Match(obstacle);
    }

    [Fact]
    public void Changed_kind_is_an_obstacle()
    {
        var kind = Catalog.Find("word");
        var stages = Starter.Stages.Select(stage =>
            stage.Name == "caption" ? stage with { Kind = kind, Options = new NoOptions() } : stage
        );
        var to = Starter with { Stages = [.. stages] };

        var difference = TopologyDifference.Of(Starter, to);

        difference.Lines.Should().Contain("~ caption.kind caption → word");
        difference.Obstacles.Should().ContainSingle().Which.Should().StartWith("The kind of caption would change from caption to word; ");
    }

    [Fact]
    public void Branch_that_the_export_does_not_wait_for_is_warned_of()
    {
        var to = PipelineFile.Read(Presets.Find("starter").Text + "  word: { after: caption }\n", "p", Catalog, []);

        var difference = TopologyDifference.Of(Starter, to);

        difference
            .Warnings.Should()
            .Equal(
                "export takes the columns of every stage and does not follow word: those of batches that are not done when it begins will be missing. "
                    + "Add word to export.after."
            );
        difference.Obstacles.Should().BeEmpty();
    }
}

using Pipeline.Stages.Caption;
using Pipeline.Stages.Export;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Topology;

namespace Pipeline.Stages.Tests.Runs.Topology;

public sealed class TopologyEditTests
{
    private static readonly StageCatalog Catalog = new([
        .. StageCatalog.Of(typeof(ExportKind).Assembly).Kinds,
        new WordKind("word", uri => uri),
        new WordKind("gated", uri => uri, "shadows"),
    ]);

    private static PipelineDefinition Starter => PipelineFile.Read(Presets.Find("starter").Text, "starter", Catalog, []);

    [Fact]
    public void Inserted_stage_stands_between_the_two()
    {
        var changed = TopologyEdit.Add(Starter, Catalog, new StageAddition("blur", "word", "edit", "filter", []));

        After(changed, "blur").Should().Be("edit");
        After(changed, "filter").Should().Be("blur");
        changed.Stages.Select(stage => stage.Name).Should().ContainInConsecutiveOrder("edit", "blur", "filter");
        After(changed, "export").Should().Be("select", "it waits for the new stage through filter and select");
    }

    [Fact]
    public void Side_branch_is_followed_by_what_gathers_columns_alone()
    {
        var changed = TopologyEdit.Add(Starter, Catalog, new StageAddition("word", "word", "caption", null, []));

        After(changed, "word").Should().Be("caption");
        After(changed, "export").Should().Be("select word");
        After(changed, "edit").Should().Be("caption");
        After(changed, "describe").Should().Be("caption");
    }

    [Fact]
    public void Stage_of_another_source_is_not_gathered()
    {
        var text = """
            pipeline: two
            stages:
              ingest: {}
              caption: { after: ingest }
              filter: { kind: word, after: caption }
              select: { kind: word, after: filter }
              export: { after: select }
              other: { kind: free, after: [] }
            """;
        var kinds = Catalog
            .Kinds.Where(kind => kind.Name != "export")
            .Append(new GathersAllKind())
            .Append(new FreeKind("free", StageForm.Source))
            .Append(new FreeKind("rows", StageForm.Rows));
        var catalog = new StageCatalog(kinds);
        var pipeline = PipelineFile.Read(text, "two", catalog, []);

        var changed = TopologyEdit.Add(pipeline, catalog, new StageAddition("more", "rows", "other", null, []));

        After(changed, "export").Should().Be("select");
    }

    [Theory]
    [InlineData("workers=1")]
    [InlineData("second.workers=1")]
    public void Options_are_set_with_or_without_the_stage_s_name(string set)
    {
        var changed = TopologyEdit.Add(Starter, Catalog, new StageAddition("second", "caption", "ingest", null, [set]));

        var options = changed.Stages.First(stage => stage.Name == "second").Options;
        ((CaptionOptions)options).Workers.Should().Be(1);
    }

    [Theory]
    [InlineData(
        "Blur",
        "word",
        "edit",
        "filter",
        "The new stage is named 'Blur'; the name must be 1 to 64 lower-case letters, digits, - and _, the first a letter. Choose another name."
    )]
    [InlineData(
        "edit",
        "word",
        "caption",
        null,
        "The name edit is taken by a stage of the run; a new stage needs a name of its own. Choose another name, and give the kind by --kind."
    )]
    [InlineData(
        "blur",
        "word",
        "edt",
        null,
        "blur is to follow edt, which is no stage; it must be one of ingest, caption, describe, edit, filter, select, export, train, report. Did you mean edit? Name a stage of the run."
    )]
    [InlineData(
        "blur",
        "word",
        "edit",
        "flter",
        "blur is to come before flter, which is no stage; it must be one of ingest, caption, describe, edit, filter, select, export, train, report. Did you mean filter? Name a stage of the run."
    )]
    [InlineData(
        "blur",
        "word",
        "caption",
        "filter",
        "filter does not follow caption, it follows edit; blur can only come between two stages of which one follows the other directly. Put it after edit, or name another stage."
    )]
    [InlineData(
        "blur",
        "word",
        "caption",
        "ingest",
        "ingest does not follow caption, it follows no stage: it lists the input; blur can only come between two stages of which one follows the other directly. Name another stage."
    )]
    [InlineData(
        "blur",
        "wrd",
        "caption",
        null,
        "The kind of blur is wrd; it must be one of caption, describe, duplicates, edit, embed, embed-edits, export, filter, gated, giqa, hash, hash-edits, ingest, quality, report, safety, safety-originals, select, semantic, semantic-originals, train, word. Did you mean word? Give a known kind by --kind, or the folder of the plugin that has it by --plugins."
    )]
    [InlineData(
        "blur",
        "select",
        "filter",
        null,
        "blur works over the whole run; a stage that joins a run that is going on must work through rows. Put it into the pipeline file and submit again."
    )]
    [InlineData(
        "blur",
        "describe",
        "caption",
        null,
        "blur makes domains for the whole run; a stage that joins a run that is going on must work through rows. Put it into the pipeline file and submit again."
    )]
    [InlineData(
        "blur",
        "word",
        "select",
        null,
        "blur is to follow select, which works over the whole run and gives no batches; a stage that works through rows must follow one that does. Put it after one of caption, edit, filter, ingest."
    )]
    [InlineData(
        "blur",
        "word",
        "caption",
        "describe",
        "describe makes domains for the whole run, and would follow blur instead of caption; while a run goes on, a stage over the whole run can only begin or cease to wait for stages that work through rows. Put it into the pipeline file and submit again."
    )]
    [InlineData(
        "blur",
        "filter",
        "caption",
        null,
        "The column edit.image of blur (the changed pipeline) is not added upstream; it must come from a stage before it. Add edit to what blur follows, by after."
    )]
    [InlineData(
        "blur",
        "gated",
        "caption",
        null,
        "The artifact shadows of blur (the changed pipeline) is made by no stage; it must be made in the pipeline. Remove blur."
    )]
    public void Addition_that_cannot_be_is_refused_with_the_reason(string name, string kind, string after, string? before, string fault)
    {
        var add = () => TopologyEdit.Add(Starter, Catalog, new StageAddition(name, kind, after, before, []));

        add.Should().Throw<PipelineFileException>().Which.Faults.Should().Contain(fault);
    }

    [Fact]
    public void All_that_is_wrong_with_an_addition_is_said_at_once()
    {
        var add = () => TopologyEdit.Add(Starter, Catalog, new StageAddition("edit", "wrd", "nobody", "none", ["x", "filter.y=1"]));

        add.Should().Throw<PipelineFileException>().Which.Faults.Should().HaveCount(6);
    }

    [Theory]
    [InlineData("microBatch=0", "second.microBatch is 0; it must be between 1 and 1024 images. Set it in the pipeline file or with --set.")]
    [InlineData("microbatch=1", "second.microbatch (--set second.microbatch=1) is no known key;*Did you mean microBatch?*")]
    [InlineData("1", "The setting '1' of second is none; it must be OPTION=VALUE, such as microBatch=16. Write it so.")]
    [InlineData("edit.strength=1", "The setting 'edit.strength=1' is one of edit; it must be one of second.*")]
    public void Bad_setting_of_an_addition_is_refused(string set, string fault)
    {
        var add = () => TopologyEdit.Add(Starter, Catalog, new StageAddition("second", "caption", "ingest", null, [set]));

        add.Should().Throw<PipelineFileException>().WithMessage(fault);
    }

    [Theory]
    [InlineData("edit", "filter")]
    [InlineData("caption", "edit")]
    [InlineData("caption", null)]
    [InlineData("filter", "select")]
    [InlineData("ingest", null)]
    public void Removing_an_added_stage_gives_the_pipeline_back(string after, string? before)
    {
        var added = TopologyEdit.Add(Starter, Catalog, new StageAddition("word", "word", after, before, []));

        var removed = TopologyEdit.Remove(added, Catalog, "word");

        removed.Should().Be(Starter);
        added.Should().NotBe(Starter);
    }

    [Fact]
    public void Stage_whose_columns_are_read_is_not_removed()
    {
        var remove = () => TopologyEdit.Remove(Starter, Catalog, "filter");

        remove
            .Should()
            .Throw<PipelineFileException>()
            .WithMessage(
                "filter cannot be removed, because select reads filter.verdict, report reads filter.verdict; a stage can go when no other reads its columns. "
                    + "Keep it, or remove select, report first."
            );
    }

    [Theory]
    [InlineData(
        "fliter",
        "The stage to remove is fliter; it must be one of ingest, caption, *Did you mean filter? Name a stage of the run."
    )]
    [InlineData("ingest", "ingest lists the input; a source cannot be removed from a run. Submit another pipeline.*")]
    [InlineData(
        "export",
        "export works over the whole run; a stage that leaves a run that is going on must work through rows. Leave it out of the pipeline file and submit again."
    )]
    public void Removal_that_cannot_be_is_refused_with_the_reason(string name, string fault)
    {
        var remove = () => TopologyEdit.Remove(Starter, Catalog, name);

        remove.Should().Throw<PipelineFileException>().WithMessage(fault);
    }

    [Fact]
    public void Options_of_a_row_stage_are_set_with_or_without_its_name()
    {
        var changed = TopologyEdit.Set(Starter, Catalog, "edit", ["edit.strength=0.25", "variants=2"]);

        TopologyDifference.Of(Starter, changed).Lines.Should().Equal("~ edit.strength 0.7 → 0.25", "~ edit.variants 1 → 2");
    }

    [Theory]
    [InlineData("edit", "strength=9", "edit.strength is 9; it must be *")]
    [InlineData("edti", "strength=1", "The stage of --set edti.strength=1 is edti; it must be one of *Did you mean edit?*")]
    [InlineData(
        "select",
        "perSource=3",
        "select.perSource would change from 1 to 3, and select works over the whole run; only stages that work through rows are changed while a run goes on. Put it into the pipeline file and submit again."
    )]
    public void Setting_that_cannot_be_is_refused_with_the_reason(string stage, string set, string fault)
    {
        var change = () => TopologyEdit.Set(Starter, Catalog, stage, [set]);

        change.Should().Throw<PipelineFileException>().WithMessage(fault);
    }

    private static string After(PipelineDefinition pipeline, string stage) =>
        string.Join(' ', pipeline.Stages.First(other => other.Name == stage).After);
}

using CsCheck;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Tests.Runs.Definition;

public sealed class PipelineFileFaultTests
{
    private static readonly StageCatalog Catalog = StageCatalog.Of(typeof(SourceKind).Assembly);

    private static IReadOnlyList<string> Faults(string text, params string[] sets)
    {
        var read = () => PipelineFile.Read(text.ReplaceLineEndings("\n"), "my.yaml", Catalog, sets);
        var error = read.Should().Throw<PipelineFileException>().Which;
        error
            .Message.Should()
            .Be(string.Join('\n', error.Faults))
            .And.NotContain("YamlDotNet")
            .And.NotContain("Exception")
            .And.NotContain("   at ");
        return error.Faults;
    }

    [Fact]
    public void Everything_wrong_is_said_at_once_in_the_order_of_the_file()
    {
        var text = """
            stages:
              source: { batch: 0, bacth: 1 }
              every: { microBatch: many }
              last: { kind: evry, after: nobody }
            """;

        var faults = Faults(text, "every.workers=x");

        faults
            .Select(fault => fault.Split(' ')[0])
            .Should()
            .Equal("pipeline", "source.bacth", "every.microBatch", "The", "every.workers", "source.batch", "last.after");
    }

    [Theory]
    [InlineData(
        "source: { bacth: 1 }",
        "source.bacth (my.yaml:3) is no known key; it must be one of after, kind, batch. Did you mean batch? Correct or remove it."
    )]
    [InlineData(
        "source: { zzzzzzzz: 1 }",
        "source.zzzzzzzz (my.yaml:3) is no known key; it must be one of after, kind, batch. Correct or remove it."
    )]
    [InlineData(
        "source: { batch: x }",
        "source.batch (my.yaml:3) is x; it must be a whole number between -2147483648 and 2147483647. Change the value."
    )]
    [InlineData(
        "source: { batch: 2147483648 }",
        "source.batch (my.yaml:3) is 2147483648; it must be a whole number between -2147483648 and 2147483647. Change the value."
    )]
    [InlineData(
        "source: { batch: '1' }",
        "source.batch (my.yaml:3) is the text \"1\"; it must be a whole number between -2147483648 and 2147483647. Change the value."
    )]
    [InlineData(
        "source: { batch: }",
        "source.batch (my.yaml:3) is empty; it must be a whole number between -2147483648 and 2147483647. Change the value."
    )]
    [InlineData("source: { batch: 0 }", "source.batch is 0; it must be between 1 and 128 images. Set it with --set.")]
    [InlineData(
        "source: { batch: 1, batch: 2 }",
        "batch of source (my.yaml:3) stands there already (my.yaml:3); every key must be unique. Remove or rename one."
    )]
    [InlineData("source: 5", "source (my.yaml:3) is 5; it must be a mapping from options to values, such as { batch: 64 }. Write it so.")]
    [InlineData(
        "sorce: {}",
        "The kind of sorce (my.yaml:3) is sorce; it must be one of every, gated, maker, source. Did you mean source? Give the stage a known name, or a kind of its own (kind: NAME). A plugin's kind needs --plugins DIR."
    )]
    [InlineData(
        "a: { kind: sorce }",
        "The kind of a (my.yaml:3) is sorce; it must be one of every, gated, maker, source. Did you mean source? Change the kind. A plugin's kind needs --plugins DIR."
    )]
    [InlineData(
        "source: {}\n  Big: { kind: source }",
        "The stage 'Big' (my.yaml:4) is named so; the name must be 1 to 64 lower-case letters, digits, - and _, the first a letter. Rename the stage."
    )]
    [InlineData(
        "source: {}\n  source: {}",
        "source of stages (my.yaml:4) is a stage of the pipeline already (my.yaml:3); every key must be unique. Remove or rename one."
    )]
    [InlineData(
        "source: { after: sorce }",
        "source.after (my.yaml:3) is sorce, which is no stage; it must be one of source. Did you mean source? Name a stage of the pipeline."
    )]
    [InlineData(
        "source: { after: { a: b } }",
        "source.after (my.yaml:3) is a mapping; it must be a stage's name or a list of names. Name the stages that it follows, or write [] for none."
    )]
    [InlineData(
        "source: {}\n  b: { kind: source, after: [source, source] }",
        "b.after (my.yaml:4) names source 2 times; it must name a stage once. Remove one."
    )]
    [InlineData(
        "source: { after: source }",
        "The stages source -> source (my.yaml:3) follow one another in a circle; batches must flow one way. Change after of one of them."
    )]
    [InlineData(
        "x: { kind: source, after: c }\n  a: { kind: source, after: c }\n  b: { kind: source }\n  c: { kind: source }",
        "The stages a -> b -> c -> a (my.yaml:4) follow one another in a circle; batches must flow one way. Change after of one of them."
    )]
    [InlineData(
        "gated: {}\n  maker: {}\n  m2: { kind: maker, after: gated }",
        "The artifact classifier is made by maker (my.yaml:4) and m2 (my.yaml:5); it must be made by one stage. Remove the others."
    )]
    [InlineData(
        "gated: {}",
        "The artifact classifier of gated (my.yaml:3) is made by no stage; it must be made in the pipeline. Add a stage of the kind maker, or remove gated."
    )]
    [InlineData(
        "source: {}\n  every: { after: [] }",
        "The column source.image of every (my.yaml:4) is not added upstream; it must come from a stage before it. Add source to what every follows, by after."
    )]
    [InlineData(
        "source: { kind: every, after: [] }\n  every: {}",
        "The column source.image of every (my.yaml:4) is not among those that source adds; it must be one of text. Give source a kind that adds it."
    )]
    public void Fault_in_a_stage_is_said_with_its_remedy(string stages, string wanted)
    {
        var text = $"pipeline: p\nstages:\n  {stages}";

        var faults = Faults(text);

        faults.Should().Contain(wanted);
    }

    [Theory]
    [InlineData("source: {}\n  wish: { after: source }\n  every: { after: source }", null)]
    [InlineData("source: {}\n  every: { after: source }\n  wish: { after: every }", null)]
    [InlineData(
        "source: {}\n  every: { kind: source, after: source }\n  wish: { after: every }",
        "The column every.text of wish (my.yaml:5) is not among those that every adds; it must be one of image. Give every a kind that adds it."
    )]
    public void Column_that_is_optional_is_checked_where_its_stage_is_upstream(string stages, string? wanted)
    {
        var catalog = new StageCatalog([new SourceKind(), new EveryKind(), new WishKind("wish")]);

        var read = () => PipelineFile.Read($"pipeline: p\nstages:\n  {stages}", "my.yaml", catalog, []);

        if (wanted is null)
        {
            read.Should().NotThrow();
        }
        else
        {
            read.Should().Throw<PipelineFileException>().Which.Faults.Should().Equal(wanted);
        }
    }

    [Theory]
    [InlineData("embed: yes", "true or false")]
    [InlineData("shardBytes: 1.5", "a whole number of 64 bits")]
    [InlineData("strength: .nan", "a number such as 0.5")]
    [InlineData("strength: NaN", "a number such as 0.5")]
    [InlineData("strength: null", "a number such as 0.5")]
    [InlineData("backend: [a]", "text")]
    [InlineData("backend: null", "text")]
    [InlineData("labelColumn: [a]", "text, or null")]
    [InlineData("shape: Square", "one of roundshape, square")]
    [InlineData("shape: 1", "one of roundshape, square")]
    [InlineData("wait: 5", "a time such as 500ms, 10s, 5min, 2h or 00:01:30")]
    [InlineData("wait: 9999999999999h", "a time such as 500ms, 10s, 5min, 2h or 00:01:30")]
    [InlineData("trainings: original", "a list such as [first, second], each text")]
    [InlineData("trainings: [[a]]", "a list such as [first, second], each text")]
    [InlineData("sizes: [1, x]", "a list such as [first, second], each a whole number between -2147483648 and 2147483647")]
    [InlineData("quota: many", "a whole number between -2147483648 and 2147483647, or null")]
    public void Value_of_a_wrong_type_is_answered_with_the_right_one(string option, string wanted)
    {
        var text = $"pipeline: p\nstages:\n  source: {{}}\n  every:\n    {option}";

        var faults = Faults(text);

        faults
            .Should()
            .ContainSingle()
            .Which.Should()
            .StartWith($"every.{option.Split(':')[0]} (my.yaml:5) is ")
            .And.EndWith($"; it must be {wanted}. Change the value.");
    }

    [Theory]
    [InlineData("source", "--set source is no override; it must be stage.option=value, such as --set caption.microBatch=16. Write it so.")]
    [InlineData(
        "batch=1",
        "--set batch=1 is no override; it must be stage.option=value, such as --set caption.microBatch=16. Write it so."
    )]
    [InlineData(
        "sorce.batch=1",
        "The stage of --set sorce.batch=1 is sorce; it must be one of source. Did you mean source? Name a stage of the pipeline."
    )]
    [InlineData(
        "source.bach=1",
        "source.bach (--set source.bach=1) is no known key; it must be one of batch. Did you mean batch? Correct or remove it."
    )]
    [InlineData("source.after=x", "source.after (--set source.after=x) is no known key; it must be one of batch. Correct or remove it.")]
    [InlineData(
        "source.batch=x",
        "source.batch (--set source.batch=x) is x; it must be a whole number between -2147483648 and 2147483647. Change the value."
    )]
    [InlineData("source.batch=129", "source.batch is 129; it must be between 1 and 128 images. Set it with --set.")]
    public void Fault_in_an_override_is_said_with_its_remedy(string set, string wanted)
    {
        var text = "pipeline: p\nstages: { source: {} }";

        var faults = Faults(text, set);

        faults.Should().Equal(wanted);
    }

    [Theory]
    [InlineData(
        "stages: { source: {} }",
        "pipeline (my.yaml) is missing; it must be the pipeline's name. Write pipeline: NAME as the first line."
    )]
    [InlineData(
        "pipeline:\nstages: { source: {} }",
        "pipeline (my.yaml:1) is empty; it must be the pipeline's name. Write pipeline: NAME as the first line."
    )]
    [InlineData(
        "pipeline: p",
        "stages (my.yaml) is missing; it must be a mapping from stage names to their options. Write one line a stage below stages:."
    )]
    [InlineData(
        "pipeline: p\nstages: {}",
        "stages (my.yaml:2) is empty; it must name at least one stage. Write one line a stage below stages:."
    )]
    [InlineData(
        "pipeline: p\nstages: [source]",
        "stages (my.yaml:2) is [source]; it must be a mapping from stage names to their options. Write it so."
    )]
    [InlineData(
        "pipeline: p\nstage: {}\nstages: { source: {} }",
        "stage (my.yaml:2) is no known key; it must be one of pipeline, stages. Did you mean stages? Correct or remove it."
    )]
    [InlineData(
        "pipeline: p\npipeline: q\nstages: { source: {} }",
        "pipeline of the file (my.yaml:2) stands there already (my.yaml:1); every key must be unique. Remove or rename one."
    )]
    [InlineData("", "the file (my.yaml:1) is empty; it must be a mapping with the keys pipeline and stages. Write it so.")]
    [InlineData("- a", "the file (my.yaml:1) is [a]; it must be a mapping with the keys pipeline and stages. Write it so.")]
    public void Fault_of_the_file_is_said_with_its_remedy(string text, string wanted)
    {
        var faults = Faults(text);

        faults.Should().Contain(wanted);
    }

    [Theory]
    [InlineData("pipeline: p\nstages: { source: {", "3", "node content")]
    [InlineData("pipeline: p\n\tstages: 1", "1-2", "tab")]
    [InlineData("pipeline: p\nstages:\n  source: { batch: 1,\n  after: [] }", "3", "not indented enough")]
    [InlineData("pipeline: &a p", "1", "anchors and aliases")]
    [InlineData("pipeline: *a", "1", "anchors and aliases")]
    [InlineData("pipeline: !!str p", "1", "tags are not taken")]
    [InlineData("pipeline: p\n---\nstages: {}", "2", "a second document begins")]
    [InlineData("pipeline: p\n[a]: b", "2", "a key must be a word")]
    [InlineData("a: [[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]", "1", "nested more than 16 levels")]
    public void Unreadable_file_is_said_with_its_line(string text, string lines, string says)
    {
        var faults = Faults(text);

        faults
            .Should()
            .ContainSingle()
            .Which.Should()
            .StartWith($"my.yaml:{lines} is not readable as YAML (")
            .And.Contain(says)
            .And.EndWith("); it must be one document of mappings, lists and text. Mend it there.");
    }

    [Fact]
    public void No_text_whatever_ends_in_anything_but_faults()
    {
        string[] pieces =
        [
            "pipeline",
            "stages",
            "source",
            ":",
            ": ",
            "\n",
            "\n  ",
            "\n    ",
            "{",
            "}",
            "[",
            "]",
            ", ",
            "- ",
            "a",
            "\"",
            "'",
            "#",
            "&",
            "*",
            "!",
        ];
        string[] more = [.. pieces, "|", ">", "%", "@", "\t", "? ", "---", "...", "\0", "\uFEFF", "<<", "batch", "every", "1"];
        var texts = Gen.Int[0, more.Length - 1].Array[0, 30].Select(indices => string.Concat(indices.Select(index => more[index])));

        texts.Sample(
            text =>
            {
                var faults = Faults("other: 1\n" + text);

                faults.Should().NotBeEmpty();
            },
            iter: 4_000
        );
    }

    [Theory]
    [InlineData("a: !<&> b")]
    [InlineData("a: !<a b> c")]
    [InlineData("%TAG ! &\n---\na: !b c")]
    public void A_tag_that_is_no_address_is_a_fault_and_no_crash(string text)
    {
        var faults = Faults(text);

        faults.Should().ContainSingle().Which.Should().Contain("is not readable as YAML");
    }

    [Fact]
    public void Nested_to_a_hundred_thousand_levels_is_a_fault_and_no_crash()
    {
        var text = "a: " + new string('[', 100_000);

        var faults = Faults(text);

        faults.Should().ContainSingle();
    }
}

using Pipeline.Shards;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Tests.Runs.Definition;

public sealed class ForeignKindTests
{
    private static readonly ShardType Text = new(ShardKind.String, Nullable: false);

    private static StageCatalog Catalog(ShardKind read = ShardKind.String) =>
        RunSession.Catalog.With([
            new StageManifest
            {
                Name = "words",
                Version = 3,
                Reads = [new("caption.caption", new(read, Nullable: false))],
                Adds = [new("sample_id", Text), new("words", new(ShardKind.Int32, Nullable: false))],
            },
        ]);

    private static PipelineDefinition Read(string options, params string[] sets) =>
        PipelineFile.Read($"pipeline: p\nstages:\n  ingest:\n  caption:\n  words: {options}\n", "my.yaml", Catalog(), sets);

    [Theory]
    [InlineData("1", "1")]
    [InlineData("-0.50", "-0.50")]
    [InlineData("true", "true")]
    [InlineData("null", "null")]
    [InlineData("'1'", "\"1\"")]
    [InlineData("word", "word")]
    [InlineData("'word'", "word")]
    [InlineData("two words", "\"two words\"")]
    [InlineData("'no'", "\"no\"")]
    [InlineData("[1, 'a b', x]", "[1, \"a b\", x]")]
    public void Options_are_kept_as_text(string written, string kept)
    {
        var pipeline = Read($"{{ some: {written} }}");

        var text = PipelineFile.Write(pipeline);

        text.Should().EndWith($"    some: {kept}\n");
        PipelineFile.ReadWritten(text, "pipeline.yaml", Catalog()).Should().Be(pipeline);
        PipelineFile.Write(PipelineFile.ReadWritten(text, "pipeline.yaml", Catalog())).Should().Be(text);
    }

    [Fact]
    public void Options_are_in_order_and_an_override_wins()
    {
        var pipeline = Read("{ b: 1, a: 2 }", "words.b=3", "words.c=[u, v]");

        PipelineFile.Write(pipeline).Should().EndWith("    a: 2\n    b: 3\n    c: [u, v]\n");
    }

    [Fact]
    public void Other_options_are_another_stage()
    {
        Read("{ a: 1 }").Should().Be(Read("{ a: 1 }"));
        Read("{ a: 1 }").Should().NotBe(Read("{ a: 2 }"));
        Read("{ a: 1 }").Should().NotBe(Read("{ b: 1 }"));
        Read("{ a: 1 }").Should().NotBe(Read("{}"));
    }

    [Theory]
    [InlineData("{ a: { b: 1 } }", "words.a (my.yaml:5) is a mapping; it must be a value, or a list of values, or null. Change the value.")]
    [InlineData(
        "{ A b: 1 }",
        "words.A b (my.yaml:5) is no known key; it must be one of after, kind, letters and digits, the first a lower-case letter. Correct or remove it."
    )]
    public void What_no_option_can_be_is_refused(string options, string fault)
    {
        var read = () => Read(options);

        read.Should().Throw<PipelineFileException>().WithMessage(fault);
    }

    [Fact]
    public void Column_that_is_read_as_another_type_is_refused()
    {
        var read = () => PipelineFile.Read("pipeline: p\nstages: { ingest: , caption: , words: }", "my.yaml", Catalog(ShardKind.Int32), []);

        read.Should()
            .Throw<PipelineFileException>()
            .WithMessage(
                "The column caption.caption of words (my.yaml:2) is read as int32; it must be read as string, as caption adds it. "
                    + "Correct the kind words, or give caption another kind."
            );
    }

    [Fact]
    public void Foreign_kind_is_bound_as_every_row_stage_and_not_served()
    {
        var stage = Read("{}").Stages[2];
        var kind = stage.Kind.Should().BeOfType<ForeignKind>().Which;

        kind.Form.Should().Be(StageForm.Rows);
        kind.Bindings(stage).Should().Equal("replay.to.words");
    }

    [Fact]
    public void Catalog_keeps_its_own_kind_of_the_name()
    {
        var catalog = Catalog()
            .With([
                new StageManifest
                {
                    Name = "words",
                    Version = 4,
                    Adds = [new("words", Text)],
                },
            ]);

        catalog.Find("words").Version.Should().Be(3);
    }

    [Fact]
    public async Task Kinds_file_makes_a_pipeline_readable_without_its_plugins()
    {
        using var folder = new TemporaryFolder();
        var pipeline = Read("{ a: 1 }");

        await KindsFile.WriteAsync(folder.Store, pipeline, CancellationToken.None);

        var catalog = KindsFile.Read(folder.Path, RunSession.Catalog);
        PipelineFile.ReadWritten(PipelineFile.Write(pipeline), "pipeline.yaml", catalog).Should().Be(pipeline);
    }

    [Fact]
    public async Task Kinds_file_is_there_only_when_a_kind_is_not_built_in()
    {
        using var folder = new TemporaryFolder();
        await KindsFile.WriteAsync(folder.Store, Read("{}"), CancellationToken.None);

        await KindsFile.WriteAsync(folder.Store, RunSession.Read("captions", []), CancellationToken.None);

        File.Exists(Path.Combine(folder.Path, KindsFile.Name)).Should().BeFalse();
        KindsFile.Read(folder.Path, RunSession.Catalog).Should().BeSameAs(RunSession.Catalog);
    }
}

using CsCheck;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Tests.Runs.Definition;

public sealed class PipelineFileTests
{
    private static readonly StageCatalog Catalog = StageCatalog.Of(typeof(SourceKind).Assembly);

    private static readonly string[] Awkward = ["null", "~", "", "- a", "a: b", "#", "yes", "1", "😀", "\r\n", "[", "plain-word"];

    private static PipelineDefinition Read(string text, params string[] sets) => PipelineFile.Read(text, "my.yaml", Catalog, sets);

    private static EveryOptions Every(string options, params string[] sets) =>
        (EveryOptions)Read($"pipeline: p\nstages:\n  source: {{}}\n  every: {options}", sets).Stages[1].Options;

    [Fact]
    public void Stages_follow_the_one_before_unless_they_say_otherwise()
    {
        var text = """
            pipeline: my pipeline
            stages:
              source: { batch: 32 }
              every:
              second: { kind: every, after: source }
              last: { kind: every, after: [every, second] }
              other: { kind: source, after: [] }
            """;

        var pipeline = Read(text);

        pipeline.Name.Should().Be("my pipeline");
        pipeline.Stages.Select(stage => stage.Name).Should().Equal("source", "every", "second", "last", "other");
        pipeline.Stages.Select(stage => string.Join(' ', stage.After)).Should().Equal("", "source", "source", "every second", "");
        pipeline.Stages.Select(stage => stage.Kind.Name).Should().Equal("source", "every", "every", "every", "source");
        pipeline.Stages[0].Options.Should().Be(new SourceOptions { Batch = 32 });
    }

    [Fact]
    public void Options_of_every_type_are_read()
    {
        var options = """
            { embed: true, microBatch: 3, shardBytes: 9000000000, strength: 1e-1, backend: "null", labelColumn: 8, shape: roundshape,
                  wait: 1.5min, trainings: [a, "b, c"], sizes: [], quota: null, workers: -1 }
            """;

        var read = Every(options);

        read.Should()
            .BeEquivalentTo(
                new EveryOptions
                {
                    Embed = true,
                    MicroBatch = 3,
                    ShardBytes = 9_000_000_000,
                    Strength = 0.1,
                    Backend = "null",
                    LabelColumn = "8",
                    Shape = Shape.RoundShape,
                    Wait = TimeSpan.FromSeconds(90),
                    Trainings = ["a", "b, c"],
                    Sizes = [],
                    Quota = null,
                    Workers = -1,
                }
            );
    }

    [Theory]
    [InlineData("00:01:30", 90_000)]
    [InlineData("250ms", 250)]
    [InlineData("2s", 2_000)]
    [InlineData("1h", 3_600_000)]
    public void Times_are_read_with_their_unit(string text, int milliseconds)
    {
        var options = $"{{ wait: {text} }}";

        var read = Every(options);

        read.Wait.Should().Be(TimeSpan.FromMilliseconds(milliseconds));
    }

    [Fact]
    public void Overrides_come_after_the_file_and_the_last_one_wins()
    {
        string[] sets =
        [
            "every.microBatch=4",
            "every.microBatch=5",
            "every.backend=a=b.c",
            "every.trainings=original,kept",
            "every.sizes=[8]",
            "every.quota=null",
            "every.labelColumn=",
        ];

        var read = Every("{ microBatch: 3 }", sets);

        read.MicroBatch.Should().Be(5);
        read.Backend.Should().Be("a=b.c");
        read.Trainings.Should().Equal("original", "kept");
        read.Sizes.Should().Equal(8);
        read.Quota.Should().BeNull();
        read.LabelColumn.Should().Be("");
    }

    [Fact]
    public void Stage_may_need_an_artifact_that_a_later_stage_makes()
    {
        var text = "pipeline: p\nstages: { gated: {}, maker: { after: gated } }";

        var pipeline = Read(text);

        pipeline.Stages.Should().HaveCount(2);
    }

    [Fact]
    public void Written_pipeline_names_every_option_in_order()
    {
        var pipeline = Read("pipeline: p\nstages: { source: {}, every: { labelColumn: 'no', wait: 2s } }");

        var text = PipelineFile.Write(pipeline);

        text.Should()
            .Be(
                """
                pipeline: p
                stages:
                  source:
                    kind: source
                    after: []
                    batch: 64
                  every:
                    kind: every
                    after: [source]
                    backend: statistics
                    embed: false
                    labelColumn: "no"
                    microBatch: 16
                    quota: 7
                    shape: square
                    shardBytes: 1099511627776
                    sizes: [1, 2]
                    strength: 0.8
                    trainings: [original]
                    wait: "00:00:02"
                    workers: 2

                """
            );
    }

    [Fact]
    public void Written_pipeline_reads_back_equal()
    {
        var source = new StageDefinition("source", new SourceKind(), [], new SourceOptions());
        var texts = Gen.OneOf(
            Gen.Char.Where(letter => !char.IsSurrogate(letter) && letter < '\uFFFE').Array[0, 8].Select(letters => new string(letters)),
            Gen.Int[0, Awkward.Length - 1].Select(index => Awkward[index])
        );
        var options = Gen.Select(texts, texts.Array[0, 3], Gen.Double.Where(double.IsFinite), Gen.Long, Gen.Int[0, 1])
            .Select(five => new EveryOptions
            {
                Backend = five.Item1,
                LabelColumn = five.Item5 == 0 ? null : five.Item1,
                Trainings = five.Item2,
                Strength = five.Item3,
                ShardBytes = five.Item4,
                Wait = TimeSpan.FromTicks(five.Item4),
                Quota = five.Item5 == 0 ? null : 3,
                Shape = (Shape)five.Item5,
            });

        options.Sample(
            every =>
            {
                var pipeline = new PipelineDefinition(
                    "p: " + every.Backend + "x",
                    [source, new("every", new EveryKind(), ["source"], every)]
                );

                var read = Read(PipelineFile.Write(pipeline));

                read.Should().Be(pipeline);
            },
            iter: 2000
        );
    }

    [Fact]
    public void Definitions_with_another_option_value_or_list_element_are_not_equal()
    {
        var one = new StageDefinition("every", new EveryKind(), ["source"], new EveryOptions { Trainings = ["a", "b"] });

        var same = one with
        {
            After = ["source"],
            Options = new EveryOptions { Trainings = ["a", "b"] },
        };
        var other = one with { Options = new EveryOptions { Trainings = ["a", "c"] } };

        same.Should().Be(one);
        same.GetHashCode().Should().Be(one.GetHashCode());
        other.Should().NotBe(one);
        (one with { After = [] }).Should().NotBe(one);
        (one with { Kind = new EveryKind { Version = 2 } }).Should().NotBe(one);
        new PipelineDefinition("p", [one]).Should().Be(new PipelineDefinition("p", [same]));
        new PipelineDefinition("p", [one]).Should().NotBe(new PipelineDefinition("p", [other]));
    }
}

using Pipeline.Sdk;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Ingest;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Tests.Runs.Definition;
using Pipeline.Stages.Transport.Embedded;

namespace Pipeline.Stages.Tests.Runs;

public sealed class StageServingTests
{
    [Fact]
    public async Task A_stage_that_cannot_be_made_keeps_no_other_from_being_served_and_is_tried_again()
    {
        using var run = new ServedRun(samples: 1);
        var broken = new CannotBeMade("broken");
        var pipeline = PipelineFile.Read(
            "pipeline: p\nstages: { ingest: {}, broken: {}, word: { after: ingest } }",
            "test",
            new StageCatalog([new IngestKind(), broken, new WordKind("word", uri => uri)]),
            []
        );
        await using var transport = new EmbeddedTransport();
        await RunTopology.DeclareAsync(transport, ServedRun.Id, pipeline, CancellationToken.None);
        await using var serving = new StageServing(run.Site(pipeline, transport, new BatchCredits(1)), stage => stage.Name != "ingest");

        var told = await serving.Invoking(each => each.StartReadyAsync()).Should().ThrowAsync<StageStartException>();
        var (first, second) = (serving.Stages[0].Runner, serving.Stages[1].Runner);
        broken.IsMended = true;
        await serving.StartReadyAsync();

        told.Which.Should().Match<StageStartException>(fault => fault.Stage == "broken" && fault.Message == "no model is there");
        first.Should().BeNull();
        second.Should().NotBeNull();
        serving.Stages[0].Runner.Should().NotBeNull();
    }

    private sealed class CannotBeMade(string name) : RowStageKind<NoOptions, WordInput, string, string, WordRow>
    {
        public override string Name => name;

        public override int Version => 1;

        public bool IsMended { get; set; }

        protected override (IStage<WordInput, string, string, WordRow> Stage, FlowOptions Flow) Build(NoOptions options, StageSite site) =>
            IsMended ? (new Never(), new FlowOptions(1, 1, 1, 1)) : throw new InvalidOperationException("no model is there");

        private sealed class Never : IStage<WordInput, string, string, WordRow>
        {
            public IReadOnlyList<Item<string>> Prepare(WordInput row) => [];

            public ValueTask<IReadOnlyList<string>> InferAsync(IReadOnlyList<Item<string>> items, CancellationToken stop) =>
                ValueTask.FromResult<IReadOnlyList<string>>([]);

            public WordRow Finish(Item<string> item, string result) => new(item.SampleId, result);
        }
    }
}

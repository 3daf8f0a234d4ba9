using Pipeline.Sdk;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs;

namespace Pipeline.Stages.Tests.Runs;

public sealed record ModelOptions : IStageOptions
{
    public string Model { get; init; } = "org/clip";

    public string? Second { get; init; }

    public IEnumerable<string> Models => Second is null ? [Model] : [Model, Second];

    public IEnumerable<string> Faults(string stage) => [];
}

/// <summary>A row stage that names models; its words are the samples' uris.</summary>
internal sealed class ModelKind : RowStageKind<ModelOptions, WordInput, string, string, WordRow>
{
    public override string Name => "sees";

    public override int Version => 1;

    protected override (IStage<WordInput, string, string, WordRow> Stage, FlowOptions Flow) Build(ModelOptions options, StageSite site) =>
        (new SeesStage(), new FlowOptions(4, 2, 1, 3));

    private sealed class SeesStage : IStage<WordInput, string, string, WordRow>
    {
        public IReadOnlyList<Item<string>> Prepare(WordInput row) => [new(row.SampleId, null, row.Uri)];

        public ValueTask<IReadOnlyList<string>> InferAsync(IReadOnlyList<Item<string>> items, CancellationToken stop) =>
            ValueTask.FromResult<IReadOnlyList<string>>([.. items.Select(item => item.Value)]);

        public WordRow Finish(Item<string> item, string result) => new(item.SampleId, result);
    }
}

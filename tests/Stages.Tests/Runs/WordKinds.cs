using Pipeline.Sdk;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Tests.Runs.Definition;

namespace Pipeline.Stages.Tests.Runs;

public sealed record WordInput([Reads("ingest", "sample_id")] string SampleId, [Reads("ingest", "uri")] string Uri) : ISampleRow;

public sealed record WordRow(string SampleId, string Word);

/// <summary>A row stage that gives every sample a word made of its uri, and counts its calls.</summary>
internal sealed class WordKind(string name, Func<string, string> word, params IReadOnlyList<string> needs)
    : RowStageKind<NoOptions, WordInput, string, string, WordRow>
{
    private int calls;

    public override string Name => name;

    public override int Version => 1;

    public override IReadOnlyList<string> Needs => needs;

    public int Calls => Volatile.Read(ref calls);

    protected override (IStage<WordInput, string, string, WordRow> Stage, FlowOptions Flow) Build(NoOptions options, StageSite site) =>
        (new WordStage(this), new FlowOptions(4, 2, 1, 3));

    private sealed class WordStage(WordKind kind) : IStage<WordInput, string, string, WordRow>
    {
        public IReadOnlyList<Item<string>> Prepare(WordInput row) => [new(row.SampleId, null, row.Uri)];

        public ValueTask<IReadOnlyList<string>> InferAsync(IReadOnlyList<Item<string>> items, CancellationToken stop)
        {
            Interlocked.Increment(ref kind.calls);
            return ValueTask.FromResult<IReadOnlyList<string>>([.. items.Select(item => kind.word(item.Value))]);
        }

        public WordRow Finish(Item<string> item, string result) => new(item.SampleId, result);
    }

    private readonly Func<string, string> word = word;
}

/// <summary>Works once over the whole run, and notes how often and what it found.</summary>
internal sealed class SumKind(Func<StageSite, Task<WholeResult>> work) : WholeStageKind<NoOptions>
{
    private int times;

    public override string Name => "sum";

    public int Times => Volatile.Read(ref times);

    protected override Task<WholeResult> WorkAsync(NoOptions options, StageSite site, CancellationToken stop)
    {
        Interlocked.Increment(ref times);
        return work(site);
    }
}

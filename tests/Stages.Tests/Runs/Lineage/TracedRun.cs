using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Lineage;
using Pipeline.Stages.Tests.Ingest;

namespace Pipeline.Stages.Tests.Runs.Lineage;

/// <summary>
/// A served run of twelve training pictures and one test picture in batches of four: 0001 is text, 0002 is cut short, and the batch of 0008
/// fails in the stage <c>word</c>.
/// </summary>
internal sealed class TracedRun : IDisposable
{
    private const string Yaml = """
        pipeline: p
        stages:
          ingest: { batch: 4 }
          caption: {}
          word: {}
          describe: { after: caption }
          edit: { after: word, prompts: ['a {} in fog', 'a {} at night', 'a {} in snow'] }
          constant: { after: ingest }
          filter: { after: edit }
          select: {}
          export: {}
        """;

    private readonly ServedRun served = new(
        ["a"],
        input => input.WithSpoilt("train/a").With("test/a/0000.png", InputFolder.Png(16, 16, 99))
    );

    public ServedRun Served => served;

    public async Task<TracedRun> ServeAsync()
    {
        var broken = new WordKind(
            "word",
            uri => string.CompareOrdinal(uri, "train/a/0007.png") >= 0 ? throw new InvalidOperationException("broken") : uri
        );
        IStageKind[] kinds = EditingKinds.With(broken);
        (await served.ServeAsync(Yaml, kinds, maxFailed: 100)).Fault.Should().BeNull();
        return this;
    }

    public async Task<LineageMatch> FindAsync(string name) =>
        await new LineageIndex(Shards(), served.Served!.Pipeline).FindAsync(name, CancellationToken.None);

    public async Task<LineageRecord> ReadAsync(string name)
    {
        var found = (await FindAsync(name)).Matches.Should().ContainSingle().Which;
        return await new LineageReader(Shards(), served.Served!.Pipeline).ReadAsync(found, CancellationToken.None);
    }

    public void Dispose() => served.Dispose();

    private LineageShards Shards() =>
        new(
            served.Store,
            new RunFile
            {
                Id = ServedRun.Id,
                Pipeline = "p",
                Input = "",
                Seed = 0,
                State = "done",
            }
        );
}

using System.Collections.Concurrent;
using Pipeline.Shards;
using Pipeline.Stages.Ingest;
using Pipeline.Stages.Isolation.Serving;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Tests.Runs;

namespace Pipeline.Stages.Tests.Isolation.Serving;

/// <summary>A kind that is as another one, and whose runner is a <see cref="MemoryChild"/>'s.</summary>
internal sealed class ServedApart(WordKind kind) : IRunnableKind
{
    public ConcurrentQueue<MemoryChild> Children { get; } = [];

    /// <summary>The child that is at work.</summary>
    public MemoryChild Last => Children.Last();

    /// <summary>Begins the child of this number, from 1; null for one that serves as it should.</summary>
    public Func<int, MemoryChild?> Instead { get; init; } = _ => null;

    public TimeSpan Limit { get; init; } = TimeSpan.FromMinutes(10);

    public string Name => kind.Name;

    public Type Options => kind.Options;

    public int Version => kind.Version;

    public string? Makes => kind.Makes;

    public IReadOnlyList<string> Needs => kind.Needs;

    public IReadOnlyList<string> Reads => kind.Reads;

    public IReadOnlyList<string> Adds => kind.Adds;

    public IReadOnlyList<ShardField> ReadTypes => kind.ReadTypes;

    public IReadOnlyList<ShardField> AddTypes => kind.AddTypes;

    public StageForm Form => kind.Form;

    public IEnumerable<string> Bindings(StageDefinition stage) => kind.Bindings(stage);

    public IStageRunner Create(StageSite site) => new ChildStageRunner(site, () => Begin(site.Run.Clock), Limit);

    private MemoryChild Begin(TimeProvider clock)
    {
        var child = Instead(Children.Count + 1) ?? MemoryChild.Serving(new StageCatalog([new IngestKind(), kind]), clock);
        Children.Enqueue(child);
        return child;
    }
}

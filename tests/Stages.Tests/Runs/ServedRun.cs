using System.Collections.Concurrent;
using Pipeline.Models.Hub;
using Pipeline.Shards;
using Pipeline.Shards.Records;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Ingest;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Topology;
using Pipeline.Stages.Tests.Ingest;
using Pipeline.Stages.Transport.Embedded;

namespace Pipeline.Stages.Tests.Runs;

/// <summary>A run through real stages and stages of the test's own, in folders that go after the test.</summary>
internal sealed class ServedRun : IDisposable
{
    public const string Id = "r1";

    private readonly IReadOnlyList<string> classNames;

    /// <summary>Over small grey pictures of one class.</summary>
    public ServedRun(int samples)
        : this(
            ["a"],
            input =>
            {
                for (var index = 0; index < samples; index++)
                {
                    input.With($"a/{index:D4}.png");
                }
            }
        ) { }

    /// <summary>Over what <paramref name="fill"/> puts into the input folder.</summary>
    public ServedRun(IReadOnlyList<string> classNames, Action<InputFolder> fill)
    {
        this.classNames = classNames;
        fill(Input);
        Store = new FolderStore(Output);
    }

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The models that its kinds may name.</summary>
    public ModelLibrary Models { get; init; } = ModelLibrary.Open(null);

    /// <summary>How its kinds are served.</summary>
    public Func<IStageKind, Precautions> Precautions { get; init; } = _ => Stages.Runs.Precautions.None;

    /// <summary>What people were told, while nothing else was.</summary>
    public ConcurrentQueue<string> Notices { get; } = [];

    public InputFolder Input { get; } = new();

    public string Output { get; } = Directory.CreateTempSubdirectory("run-").FullName;

    public FolderStore Store { get; }

    public RunShards Shards => new(Store, Id);

    /// <summary>What <see cref="IRunMonitor"/> was told last.</summary>
    public RunProgress? Last { get; private set; }

    /// <summary>The site of the latest serving; its transport is gone, its store and artifacts are not.</summary>
    public RunSite? Served { get; private set; }

    /// <summary>Serves the run once, in a fresh engine and transport, as a process would.</summary>
    public async Task<RunEnd> ServeAsync(
        string yaml,
        IReadOnlyList<IStageKind> kinds,
        double maxFailed = 5,
        CancellationToken stop = default
    )
    {
        var pipeline = PipelineFile.Read(yaml, "test", new StageCatalog([new IngestKind(), .. kinds]), []);
        var options = (IngestOptions)pipeline.Stages[0].Options;
        await using var transport = new EmbeddedTransport();
        var credits = new BatchCredits(options.Unfinished);
        using var ledger = new Ledger(Path.Combine(Output, "ledger.db"));
        Served = Site(pipeline, transport, credits);
        await RunTopology.DeclareAsync(transport, Id, pipeline, stop);
        using var engine = new RunEngine(Served, ledger, new Keeps(this), maxFailed);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop, new CancellationTokenSource(Limit).Token);
        return await engine.RunAsync(limit.Token);
    }

    public RunSite Site(PipelineDefinition pipeline, EmbeddedTransport transport, BatchCredits credits) =>
        new()
        {
            Run = Id,
            Seed = 0,
            Topology = new LiveTopology(pipeline),
            Input = Input.Path,
            InputRoot = Input.Path,
            ClassNames = classNames,
            Output = Output,
            Store = Store,
            Transport = transport,
            Credits = credits,
            Models = Models,
            Clock = Clock,
            Precautions = Precautions,
            Notice = notice =>
            {
                if (notice is not null)
                {
                    Notices.Enqueue(notice);
                }
            },
        };

    /// <summary>Every word of a stage, by uri order of its batches.</summary>
    public async Task<IReadOnlyList<string>> WordsAsync(string stage)
    {
        var words = new List<string>();
        foreach (var batch in await Shards.BatchesAsync(stage, CancellationToken.None))
        {
            var rows = await ShardRows.ReadAsync<WordRow>(Store, ShardNames.Uri(Id, stage, batch), CancellationToken.None);
            words.AddRange(rows.Select(row => row.Word));
        }

        return words;
    }

    public void Dispose()
    {
        Input.Dispose();
        Directory.Delete(Output, recursive: true);
    }

    /// <summary>Far above what such a run needs; a test that reaches it has failed.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private sealed class Keeps(ServedRun run) : IRunMonitor
    {
        public void Report(RunProgress progress) => run.Last = progress;
    }
}

using System.Collections.Concurrent;
using Pipeline.Messages;
using Pipeline.Models.Hub;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Failures;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Isolation;
using Pipeline.Stages.Plugins;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Topology;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Runs;

/// <summary>What every stage of a run shares.</summary>
public sealed record RunSite
{
    /// <summary>The run's id.</summary>
    public required string Run { get; init; }

    /// <summary>The run's seed.</summary>
    public required long Seed { get; init; }

    /// <summary>The run's topology, which may change while it is served.</summary>
    public required LiveTopology Topology { get; init; }

    /// <summary>Every stage that the run has or had.</summary>
    public PipelineDefinition Pipeline => Topology.Current.All;

    /// <summary>What the user named as input: a folder or a manifest.</summary>
    public required string Input { get; init; }

    /// <summary>Folder that the uris of samples are relative to.</summary>
    public required string InputRoot { get; init; }

    /// <summary>The classes; a label is an index into it.</summary>
    public required IReadOnlyList<string> ClassNames { get; init; }

    /// <summary>Samples at the most; null for all.</summary>
    public int? Limit { get; init; }

    /// <summary>How long nothing new may come before a run that is followed goes on to its end; null for a run that takes what is there.</summary>
    public TimeSpan? Follow { get; init; }

    /// <summary>True to hash every file again, whatever its size and time say.</summary>
    public bool Verify { get; init; }

    /// <summary>The output directory.</summary>
    public required string Output { get; init; }

    /// <summary>The store at the output directory.</summary>
    public required IShardStore Store { get; init; }

    /// <summary>What carries the messages.</summary>
    public required ITransport Transport { get; init; }

    /// <summary>Bounds ingest.</summary>
    public required BatchCredits Credits { get; init; }

    /// <summary>The artifacts that are ready, by name.</summary>
    public ConcurrentDictionary<string, ArtifactReady> Artifacts { get; } = new(StringComparer.Ordinal);

    /// <summary>The host's lanes, which its runs share.</summary>
    public HostLanes Lanes { get; init; } = new();

    /// <summary>The run's share in the lanes; 1 to <see cref="RunLane.MostWeight"/>.</summary>
    public int Weight { get; init; } = RunLane.DefaultWeight;

    /// <summary>Tries what brings this process down; null where nothing is to be tried alone, and no call marked.</summary>
    public ChildProgram? Child { get; init; }

    /// <summary>How a kind of stage is served.</summary>
    public Func<IStageKind, Precautions> Precautions { get; init; } = static _ => Runs.Precautions.None;

    /// <summary>Told of a batch that failed because a call has not come back, where something is done about that; see <see cref="FlowContext.Hung"/>.</summary>
    public Action<string>? Hung { get; init; }

    /// <summary>Measures durations for people.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>The kinds that its pipeline may name.</summary>
    public Func<StageCatalog> Catalog { get; init; } = () => RunSession.Catalog;

    /// <summary>The models of this machine, in which those that the run began with must be as they were then.</summary>
    public ModelLibrary Models { get; init; } = ModelLibrary.Open(null);

    /// <summary>The plugins of this process; null for none.</summary>
    public PluginFolder? Plugins { get; init; }

    /// <summary>True when a failed batch stays failed unless it was claimed by a replay; false to try all of them again.</summary>
    public bool KeepsFailed { get; init; }

    /// <summary>What replays have claimed.</summary>
    public ReplayClaims Claims => new(Store);

    /// <summary>Whether some process serves a stage; asked for what people are told.</summary>
    public Func<StageDefinition, bool> IsServed { get; init; } = static _ => true;

    /// <summary>Called at named points, at which a crash test ends the process.</summary>
    public Action<string> At { get; init; } = static _ => { };

    /// <summary>Tells people something, and null when it is over.</summary>
    public Action<string?> Notice { get; init; } = static _ => { };
}

/// <summary>What one stage of a run is given.</summary>
/// <param name="Run">What it shares with the others.</param>
/// <param name="Definition">Its name, kind and options.</param>
/// <param name="Meter">Its counts.</param>
public sealed record StageSite(RunSite Run, StageDefinition Definition, StageMeter Meter)
{
    /// <summary>True for settings that a replay gave some batches.</summary>
    public bool IsReplayed { get; private init; }

    /// <summary>The stage's queue.</summary>
    public string Queue => RoutingKey.Queue(Run.Run, Definition.Name);

    /// <summary>The stage's options.</summary>
    /// <typeparam name="T">Their type, which the stage's kind names.</typeparam>
    public T Options<T>()
        where T : class, Sdk.IStageOptions =>
        Definition.Options as T
        ?? throw new InvalidOperationException(
            $"The options of {Definition.Name} are {Definition.Options.GetType()}; they must be {typeof(T)}."
        );

    /// <summary>How the stage is served.</summary>
    public Precautions Precautions => Run.Precautions(Definition.Kind);

    /// <summary>Hash of all that determines what the stage writes, but its input shards. The artifacts that it needs must be ready.</summary>
    public string Fingerprint =>
        Runs.Definition.Fingerprint.Of(
            Definition.Kind,
            Definition.Options,
            Run.Seed,
            [
                .. Definition.Kind.Needs.Select(name => (name, Run.Artifacts[name].Content)),
                .. Definition.Options.Files.Select((path, index) => ($"file {index}", FileContent.Hash(path))),
                .. Definition.Options.Models.Select((name, index) => ($"model {index}", Run.Models.ContentOf(Run.Models.Find(name)))),
            ]
        );

    /// <summary>The stage's part in the flow.</summary>
    public FlowContext Flow() =>
        new()
        {
            Run = Run.Run,
            Stage = Definition.Name,
            Seed = Run.Seed,
            Fingerprint = Fingerprint,
            Plugin = (Definition.Kind as IPluginKind)?.Plugin.Sha256,
            Store = Run.Store,
            Transport = Run.Transport,
            Meter = Meter,
            Lanes = Run.Lanes.Of(Definition.Kind.Name),
            Weight = Run.Weight,
            Clock = Run.Clock,
            At = Run.At,
            Notice = Run.Notice,
            Options = new(OptionTexts),
            Stands = StandsAsync,
            TimeLimit = Precautions.TimeLimit,
            Hung = Run.Hung,
            Versions = new StageVersions(Run.Topology, Definition, IsReplayed),
        };

    /// <summary>Keeps the process from items that bring it down, those of dead processes among them; null where nothing is tried alone.</summary>
    public StageIsolation? Isolate()
    {
        if (Run.Child is not { } child)
        {
            return null;
        }

        var isolation = new StageIsolation(IsolatedSite.Of(this), child, Run.Store, Run.Clock, Run.Notice);
        isolation.Look();
        return isolation;
    }

    /// <summary>The stage's settings as the pipeline file writes them; model files and models with their hashes.</summary>
    public IReadOnlyDictionary<string, string> OptionTexts() =>
        StageOption
            .Of(Definition.Options)
            .Select(option => (option.Name, Text: OptionValue.Text(option.Get(Definition.Options))))
            .Concat(Definition.Options.Files.Where(File.Exists).Select(path => (Name: path, Text: FileContent.Hash(path))))
            .Concat(
                Definition
                    .Options.Models.Select(Run.Models.TryFind)
                    .OfType<ModelFolder>()
                    .Select(folder => (Name: folder.Name.ToString(), Text: Run.Models.ContentOf(folder)))
            )
            .DistinctBy(option => option.Name, StringComparer.Ordinal) // two options may name one file
            .ToDictionary(option => option.Name, option => option.Text, StringComparer.Ordinal);

    /// <summary>The same stage with other settings.</summary>
    /// <param name="sets">Each <c>stage.option=value</c>; those of other stages are left out.</param>
    public StageSite With(IReadOnlyList<string> sets)
    {
        var own = sets.Where(set => set.StartsWith($"{Definition.Name}.", StringComparison.Ordinal)).ToList();
        var stages = Run.Pipeline.Stages.Select(stage => stage.Name == Definition.Name ? Definition : stage);
        var text = PipelineFile.Write(Run.Pipeline with { Stages = [.. stages] });
        var pipeline = PipelineFile.Read(text, "replayed with other settings", KindsFile.Read(Run.Output, Run.Catalog()), own);
        return this with { Definition = pipeline.Stages.First(stage => stage.Name == Definition.Name), IsReplayed = true };
    }

    /// <summary>What was given up stands, and what nobody claimed does where the run keeps failed batches.</summary>
    private async ValueTask<bool> StandsAsync(FailureRecord record, CancellationToken stop) =>
        await Run.Claims.FindAsync(record.Stage, record.Batch, record.Attempts, stop) is { } claim ? claim.Dropped : Run.KeepsFailed;

    /// <summary>Publishes an event of the run.</summary>
    /// <typeparam name="T">The message's type.</typeparam>
    public ValueTask PublishEventAsync<T>(T message, string subject, CancellationToken stop)
        where T : class =>
        Run.Transport.PublishAsync(RoutingKey.Exchange(Run.Run), RoutingKey.Event(typeof(T).Name, subject), Envelope.Of(message), stop);
}

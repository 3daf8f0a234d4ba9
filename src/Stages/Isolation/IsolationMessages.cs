using System.Text.Json;
using System.Text.Json.Serialization;
using Pipeline.Messages;
using Pipeline.Models.Hub;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Plugins;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Topology;
using Pipeline.Stages.Transport.Embedded;

namespace Pipeline.Stages.Isolation;

/// <summary>The stage whose items a child tries: the first line that it is sent. All that determines what the stage writes, but its input shards.</summary>
public sealed record IsolatedSite
{
    /// <summary>The run's id.</summary>
    public required string Run { get; init; }

    /// <summary>The run's seed.</summary>
    public required long Seed { get; init; }

    /// <summary>The resolved pipeline as a file, with the stage's settings of now, which a replay may have changed.</summary>
    public required string Pipeline { get; init; }

    /// <summary>The stage's name.</summary>
    public required string Stage { get; init; }

    /// <summary>The stage's fingerprint, which must come out in the child too.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>What the user named as input.</summary>
    public required string Input { get; init; }

    /// <summary>Folder that the uris of samples are relative to.</summary>
    public required string InputRoot { get; init; }

    /// <summary>The classes.</summary>
    public required IReadOnlyList<string> ClassNames { get; init; }

    /// <summary>The output directory.</summary>
    public required string Output { get; init; }

    /// <summary>The artifacts that are ready.</summary>
    public required IReadOnlyList<ArtifactReady> Artifacts { get; init; }

    /// <summary>Where models are looked for; null for where this process would.</summary>
    public ModelPlaces? Models { get; init; }

    /// <summary>Manifests of the pipeline's kinds that are no part of the program.</summary>
    public IReadOnlyList<StageManifest> Kinds { get; init; } = [];

    /// <summary>The plugin that the stage comes from; null for one of the program.</summary>
    public PluginIdentity? Plugin { get; init; }

    /// <summary>The copy of the plugin's assembly that the parent checked and loaded.</summary>
    public string? PluginAssembly { get; init; }

    /// <summary>That of a stage that is served.</summary>
    public static IsolatedSite Of(StageSite site) =>
        new()
        {
            Run = site.Run.Run,
            Seed = site.Run.Seed,
            Pipeline = PipelineFile.Write(
                site.Run.Pipeline with
                {
                    Stages = [.. site.Run.Pipeline.Stages.Select(stage => stage.Name == site.Definition.Name ? site.Definition : stage)],
                }
            ),
            Stage = site.Definition.Name,
            Fingerprint = site.Fingerprint,
            Input = site.Run.Input,
            InputRoot = site.Run.InputRoot,
            ClassNames = site.Run.ClassNames,
            Output = site.Run.Output,
            Artifacts = [.. site.Run.Artifacts.Values],
            Models = site.Run.Models.Places,
            Kinds = KindsFile.Of(site.Run.Pipeline),
            Plugin = (site.Definition.Kind as IPluginKind)?.Plugin,
            PluginAssembly = (site.Definition.Kind as IPluginKind)?.Assembly,
        };

    /// <summary>The stage's site in the child, which is connected to nothing unless <paramref name="also"/> says so.</summary>
    /// <param name="kinds">What <see cref="KindsWith"/> gives.</param>
    /// <param name="also">Changes the run's part before it is used.</param>
    /// <exception cref="InvalidDataException">The fingerprint is another one: what was started is another program, or a file has changed.</exception>
    public StageSite Open(StageCatalog kinds, Func<RunSite, RunSite>? also = null)
    {
        var pipeline = PipelineFile.ReadWritten(Pipeline, "the pipeline", kinds);
        var run = new RunSite
        {
            Run = Run,
            Seed = Seed,
            Topology = new LiveTopology(pipeline),
            Input = Input,
            InputRoot = InputRoot,
            ClassNames = ClassNames,
            Output = Output,
            Store = new FolderStore(Output),
            Transport = new EmbeddedTransport(),
            Credits = new BatchCredits(1),
            Catalog = () => kinds,
            Models = ModelLibrary.In(Models ?? ModelPlaces.Of(null)).With(ModelLock.Find(Output)),
        };
        run = also?.Invoke(run) ?? run;
        foreach (var artifact in Artifacts)
        {
            run.Artifacts[artifact.Name] = artifact;
        }

        var site = new StageSite(run, pipeline.Stages.First(stage => stage.Name == Stage), new Flow.StageMeter());
        return site.Fingerprint == Fingerprint
            ? site
            : throw new InvalidDataException(
                $"The fingerprint of {Stage} is {site.Fingerprint}; it must be {Fingerprint}. A file that its options name has changed: run again."
            );
    }

    /// <summary>The catalog and what it lacks of the pipeline's kinds: the stage's own out of the parent's copy of its plugin, others by their manifests.</summary>
    public StageCatalog KindsWith(StageCatalog catalog) =>
        new StageCatalog([
            .. catalog.Kinds,
            .. PluginAssembly is { } path && Plugin is { } plugin ? LoadedPlugin.Load(path, plugin).Kinds : [],
        ]).With(Kinds);
}

/// <summary>An item that a child is to try.</summary>
/// <param name="Shards">Those of its batch.</param>
/// <param name="Row">Index of its row in the batch.</param>
/// <param name="Index">Index of the item among those of the row.</param>
/// <param name="SampleId">The sample that it must be.</param>
/// <param name="VariantId">The variant that it must be.</param>
public sealed record IsolatedItem(IReadOnlyList<ShardReference> Shards, int Row, int Index, string SampleId, string? VariantId)
{
    /// <summary>Where its row goes, as a shard of one row.</summary>
    public string Uri { get; init; } = "";
}

/// <summary>What a child says: it is ready, or the item's row is written, when nothing is set.</summary>
public sealed record IsolatedAnswer
{
    /// <summary>What every answer begins with: a model may print to standard output too.</summary>
    public const string Prefix = "pipeline-isolated:";

    /// <summary>Why the item could not be tried, which is not its fault.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Fault { get; init; }

    /// <summary>Whether trying it again later may help.</summary>
    public bool Passing { get; init; }

    /// <summary>Kind of the item's error.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Kind { get; init; }

    /// <summary>The item's error.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Message { get; init; }

    /// <summary>Whether the error came from the model call.</summary>
    public bool Refused { get; init; }

    /// <summary>The answer as a line.</summary>
    public string Line() => Prefix + JsonSerializer.Serialize(this, JsonSerializerOptions.Web);

    /// <summary>The answer that a line holds; null when it holds none.</summary>
    public static IsolatedAnswer? Find(string line) =>
        line.IndexOf(Prefix, StringComparison.Ordinal) is >= 0 and var at
            ? JsonSerializer.Deserialize<IsolatedAnswer>(line.AsSpan(at + Prefix.Length), JsonSerializerOptions.Web)
            : null;
}

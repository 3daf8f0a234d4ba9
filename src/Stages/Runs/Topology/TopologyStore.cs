using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Runs.Topology;

/// <summary>The versions of a run's topology in its output directory: <c>topology/{version:D4}.json</c>, and <c>current.json</c>, which names the one in force.</summary>
/// <remarks>A run that was never changed has none of them: its <c>pipeline.yaml</c> is version 1. That file always is the pipeline of the version in force.</remarks>
/// <param name="store">The store at the run's output directory.</param>
/// <param name="catalog">The kinds that this process has, as they are when it is asked; of the others, the manifests lie in the store.</param>
public sealed class TopologyStore(FolderStore store, Func<StageCatalog> catalog)
{
    /// <summary>The folder in which versions lie.</summary>
    public const string Folder = "topology/";

    private const string CurrentUri = Folder + "current.json";
    private const string PipelineUri = "pipeline.yaml";
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private StageCatalog? used;

    /// <summary>Number of the version in force; null for a run that was never changed.</summary>
    public async Task<int?> CurrentAsync(CancellationToken stop) =>
        await store.ExistsAsync(CurrentUri, stop)
            ? JsonSerializer.Deserialize<InForce>(await store.ReadAllAsync(CurrentUri, stop), Indented)?.Version
            : null;

    /// <summary>All that is in force.</summary>
    /// <exception cref="PipelineFileException">A file was changed by hand.</exception>
    /// <exception cref="FileNotFoundException">There is no pipeline.</exception>
    public async Task<TopologyHistory> ReadAsync(CancellationToken stop)
    {
        used = catalog();
        if (await CurrentAsync(stop) is not { } current)
        {
            var text = Encoding.UTF8.GetString(await store.ReadAllAsync(PipelineUri, stop));
            return TopologyHistory.Of(PipelineFile.ReadWritten(text, PipelineUri, KindsFile.Read(store.Root, catalog())));
        }

        var steps = new List<TopologyStep>();
        for (var number = current; number >= 1; number--)
        {
            var version = await VersionAsync(number, stop);
            steps.Insert(0, Step(version));
            if (version.Begins)
            {
                break;
            }
        }

        return new TopologyHistory(steps);
    }

    /// <summary>All that is in force, if that is another version than <paramref name="known"/>, or this process has other kinds by now.</summary>
    public async Task<TopologyHistory?> ReadNewerAsync(TopologyHistory known, CancellationToken stop) =>
        (await CurrentAsync(stop) ?? known.Newest) != known.Newest || !ReferenceEquals(used, catalog()) ? await ReadAsync(stop) : null;

    /// <summary>What would be in force with one more version.</summary>
    public TopologyHistory With(TopologyHistory history, TopologyVersion next) => new([.. history.Steps, Step(next)]);

    /// <summary>A version, whether it is in force or not; null when nobody has asked for it.</summary>
    public async Task<TopologyVersion?> TryFindAsync(int version, CancellationToken stop) =>
        await store.ExistsAsync(Uri(version), stop) ? await VersionAsync(version, stop) : null;

    /// <summary>The version after the one in force, which somebody asked for; null when there is none.</summary>
    public async Task<TopologyVersion?> PendingAsync(CancellationToken stop) =>
        await TryFindAsync((await CurrentAsync(stop) ?? 1) + 1, stop);

    /// <summary>Takes a version's number, which only one who tries can; it is not in force yet.</summary>
    /// <exception cref="InvalidDataException">Somebody else has it: two changed the run at one time.</exception>
    public async Task ReserveAsync(TopologyVersion version, CancellationToken stop)
    {
        await KeepFirstAsync(stop);
        var text = JsonSerializer.SerializeToUtf8Bytes(version, Indented);
        var hash = Convert.ToHexStringLower(XxHash128.Hash([.. text, .. BitConverter.GetBytes(Environment.ProcessId)]));
        var asked = string.Create(CultureInfo.InvariantCulture, $"{Folder}{version.Version:D4}.{hash}.asked");
        await store.WriteAsync(asked, text, stop);
        var won = await store.TryNameAsync(asked, Uri(version.Version), stop);
        await store.DeleteAsync(asked, stop);
        if (!won)
        {
            var other = await VersionAsync(version.Version, stop);
            throw new InvalidDataException(
                $"Version {version.Version} of the topology was just taken by {other.By ?? "a run that was begun"} ({other.Change}); only one change can be made at a time, and yours was not. "
                    + "Look at what the run is now, with pipeline graph, and give the command again."
            );
        }
    }

    /// <summary>Puts a version into force; what it needs of a broker must be declared.</summary>
    public async Task MakeCurrentAsync(TopologyVersion version, CancellationToken stop)
    {
        var history = version.Begins ? new TopologyHistory([Step(version)]) : With(await ReadAsync(stop), version);
        await KindsFile.WriteAsync(store, history.All, stop);
        await PlansFile.WriteAsync(store, history, stop);
        await store.WriteAsync(PipelineUri, Encoding.UTF8.GetBytes(version.Pipeline), stop);
        await store.WriteAsync(CurrentUri, JsonSerializer.SerializeToUtf8Bytes(new InForce(version.Version), Indented), stop);
    }

    /// <summary>Takes over a pipeline that was asked for as a whole. Where the run was begun with it, or has come to it, the changes that were made since stay.</summary>
    /// <param name="pipeline">The resolved pipeline.</param>
    /// <param name="stop">Ends the call early.</param>
    /// <returns>All that is in force.</returns>
    public async Task<TopologyHistory> BeginAsync(PipelineDefinition pipeline, CancellationToken stop)
    {
        var text = PipelineFile.Write(pipeline);
        if (await CurrentAsync(stop) is not { } current)
        {
            await KindsFile.WriteAsync(store, pipeline, stop);
            await PlansFile.WriteAsync(store, TopologyHistory.Of(pipeline), stop);
            await store.WriteAsync(PipelineUri, Encoding.UTF8.GetBytes(text), stop);
            return await ReadAsync(stop);
        }

        var history = await ReadAsync(stop);
        if (text != PipelineFile.Write(history.Pipeline) && text != PipelineFile.Write(history.Steps[0].Pipeline))
        {
            var begun = new TopologyVersion
            {
                Version = await FreeAsync(current, stop),
                Change = "the run was asked for with another pipeline",
                From = TopologyFrom.Start,
                Begins = true,
                Pipeline = text,
                Kinds = KindsFile.Of(pipeline),
            };
            await ReserveAsync(begun, stop);
            await MakeCurrentAsync(begun, stop);
        }

        return await ReadAsync(stop);
    }

    /// <summary>A change that was asked for and never came into force has a number too.</summary>
    private async Task<int> FreeAsync(int current, CancellationToken stop)
    {
        var next = current + 1;
        while (await store.ExistsAsync(Uri(next), stop))
        {
            next++;
        }

        return next;
    }

    /// <summary>The pipeline with which the run was begun becomes a version beside the one that is about to follow it.</summary>
    private async Task KeepFirstAsync(CancellationToken stop)
    {
        if (await CurrentAsync(stop) is not null)
        {
            return;
        }

        var pipeline = (await ReadAsync(stop)).Pipeline;
        var first = new TopologyVersion
        {
            Version = 1,
            Change = "the run was begun",
            From = TopologyFrom.Start,
            Begins = true,
            Pipeline = PipelineFile.Write(pipeline),
            Kinds = KindsFile.Of(pipeline),
        };
        await store.WriteAsync(Uri(1), JsonSerializer.SerializeToUtf8Bytes(first, Indented), stop);
    }

    private async Task<TopologyVersion> VersionAsync(int version, CancellationToken stop)
    {
        try
        {
            return JsonSerializer.Deserialize<TopologyVersion>(await store.ReadAllAsync(Uri(version), stop), Indented)
                ?? throw new JsonException("it is null");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(
                $"{Uri(version)} is not readable ({error.Message}); it must be as this program wrote it. Bring it back, or name another output directory.",
                error
            );
        }
    }

    private TopologyStep Step(TopologyVersion version) =>
        new(
            version.Version,
            version.From,
            PipelineFile.ReadWritten(version.Pipeline, Uri(version.Version), catalog().With(version.Kinds)),
            version.Paused,
            version.Change
        );

    private static string Uri(int version) => string.Create(CultureInfo.InvariantCulture, $"{Folder}{version:D4}.json");

    private sealed record InForce(int Version);
}

using System.Text.Json;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Topology;

namespace Pipeline.Stages.Runs.Cluster;

/// <summary>The store that the hosts of a cluster share: what is submitted, how far it is, and one output directory a run.</summary>
/// <param name="root">A folder that every host sees.</param>
public sealed class ClusterStore(string root)
{
    private const string Submissions = "submissions/";
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private readonly FolderStore files = new(root);

    /// <summary>The folder, as an absolute path.</summary>
    public string Root => files.Root;

    /// <summary>Gives the kinds that this process has now; those that a run's pipeline names besides are known by their manifests.</summary>
    public Func<StageCatalog> Catalog { get; init; } = () => RunSession.Catalog;

    /// <summary>Opens the store that a person named.</summary>
    /// <param name="name">A path or a <c>file:</c> URI.</param>
    /// <param name="catalog">The kinds that this process has at a time; null for those of this program.</param>
    /// <exception cref="InvalidDataException">It is neither.</exception>
    public static ClusterStore Open(string name, Func<StageCatalog>? catalog = null)
    {
        var path = name;
        if (name.Contains("://", StringComparison.Ordinal))
        {
            path =
                Uri.TryCreate(name, UriKind.Absolute, out var uri) && uri.IsFile
                    ? uri.LocalPath
                    : throw new InvalidDataException(
                        $"--store is {name}; it must be a folder that all hosts see, as a path or file:///path. Other stores are not supported yet."
                    );
        }

        return new ClusterStore(Path.GetFullPath(path)) { Catalog = catalog ?? (() => RunSession.Catalog) };
    }

    /// <summary>The output directory of a run, laid out as that of a run in one process.</summary>
    public string Output(string run) => Path.Combine(Root, run);

    /// <summary>Every run that was submitted, by id.</summary>
    public async Task<IReadOnlyList<Submission>> ListAsync(CancellationToken stop)
    {
        var found = new List<Submission>();
        foreach (var uri in await files.ListAsync(Submissions, stop))
        {
            if (await ReadAsync<Submission>(uri, stop) is { } submission)
            {
                found.Add(submission);
            }
        }

        return found;
    }

    /// <summary>A run that was submitted.</summary>
    /// <exception cref="InvalidDataException">There is none of this id.</exception>
    public async Task<Submission> FindAsync(string run, CancellationToken stop) =>
        await TryFindAsync(run, stop)
        ?? throw new InvalidDataException(
            $"{run} is not a run of {Root}; it must be the id of one that was submitted there. List them: pipeline runs --store {Root}"
        );

    /// <summary>A run that was submitted; null if there is none of this id.</summary>
    public Task<Submission?> TryFindAsync(string run, CancellationToken stop) =>
        run.Length > 0 && Path.GetFileName(run) == run && run is not ("." or "..")
            ? ReadAsync<Submission>($"{Submissions}{run}.json", stop)
            : Task.FromResult<Submission?>(null);

    /// <summary>Writes what is wanted of a run.</summary>
    public Task WriteAsync(Submission submission, CancellationToken stop) =>
        files.WriteAsync($"{Submissions}{submission.Run}.json", JsonSerializer.SerializeToUtf8Bytes(submission, Indented), stop);

    /// <summary>Every stage that a run has or had.</summary>
    /// <exception cref="PipelineFileException">A file was changed by hand.</exception>
    public async Task<PipelineDefinition> PipelineAsync(string run, CancellationToken stop) => (await Versions(run).ReadAsync(stop)).All;

    /// <summary>The topology of a run, which may change.</summary>
    /// <exception cref="PipelineFileException">A file was changed by hand.</exception>
    public async Task<LiveTopology> TopologyAsync(string run, CancellationToken stop)
    {
        var versions = Versions(run);
        return new LiveTopology(await versions.ReadAsync(stop), versions.ReadNewerAsync);
    }

    /// <summary>The versions of a run's topology.</summary>
    public TopologyStore Versions(string run) => new(new FolderStore(Output(run)), Catalog);

    /// <summary>How far a run is, as the host that leads it said last; null before the first time.</summary>
    public Task<HostedProgress?> ProgressAsync(string run, CancellationToken stop) => ReadAsync<HostedProgress>(ProgressUri(run), stop);

    /// <summary>Says how far a run is.</summary>
    public Task WriteAsync(string run, HostedProgress progress, CancellationToken stop) =>
        files.WriteAsync(ProgressUri(run), JsonSerializer.SerializeToUtf8Bytes(progress, HostedProgress.Form), stop);

    private static string ProgressUri(string run) => $"progress/{run}.json";

    private async Task<T?> ReadAsync<T>(string uri, CancellationToken stop)
        where T : class
    {
        if (!await files.ExistsAsync(uri, stop))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<T>(await files.ReadAllAsync(uri, stop), HostedProgress.Form);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(
                $"{uri} in {Root} is not readable ({error.Message}); it must be as this program wrote it. Submit the run again.",
                error
            );
        }
    }
}

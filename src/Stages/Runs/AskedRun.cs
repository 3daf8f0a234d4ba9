using System.IO.Hashing;
using System.Text;
using Pipeline.Models.Hub;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Ingest;
using Pipeline.Stages.Isolation;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Runs;

/// <summary>A run that was asked for, with its pipeline read and its input open.</summary>
public sealed class AskedRun : IDisposable
{
    private readonly RunSettings settings;
    private readonly Lazy<string> text;

    private AskedRun(RunSettings asked, PipelineDefinition pipeline, RunModels models, string input, IngestSource source)
    {
        settings = asked;
        (Pipeline, Models, Input, Source) = (pipeline, models, input, source);
        text = new(() => PipelineFile.Write(pipeline));
    }

    /// <summary>The resolved pipeline.</summary>
    public PipelineDefinition Pipeline { get; }

    /// <summary>The models that the pipeline names.</summary>
    public RunModels Models { get; }

    /// <summary>What the user named as input, as an absolute path.</summary>
    public string Input { get; }

    /// <summary>The input.</summary>
    public IngestSource Source { get; }

    /// <summary>The options of the pipeline's source.</summary>
    public IngestOptions Ingest => Pipeline.Stages.Select(stage => stage.Options).OfType<IngestOptions>().First();

    /// <summary>The resolved pipeline as a file.</summary>
    public string Text => text.Value;

    /// <summary>Checks what can be checked without an output directory.</summary>
    /// <exception cref="PipelineFileException">The pipeline is faulty, or a model that it names is missing, another than its lock says, or not accepted.</exception>
    /// <exception cref="InputException">The input is faulty.</exception>
    public static AskedRun Open(RunSettings settings)
    {
        var pipeline = RunSession.Read(settings.Pipeline, settings.Sets, settings.Catalog);
        var ingest = pipeline.Stages.Select(stage => stage.Options).OfType<IngestOptions>().First();
        if (settings.Follow is not null && ingest.ValidationShare + ingest.TestShare > 0)
        {
            throw new InputException(
                "--follow and ingest.validationShare or ingest.testShare are both set; one of both must be: what comes later would move images that are done between splits. "
                    + "Leave --follow out, or lay the splits out as folders or a column."
            );
        }

        var isOfRun = Path.GetDirectoryName(Path.GetFullPath(settings.Pipeline)) == Path.GetFullPath(settings.Output);
        var models = RunModels.Of(pipeline, settings.Models, settings.Pipeline, mayLack: isOfRun);
        var input = Path.GetFullPath(settings.Input);
        var source = IngestSource.Open(input, ingest);
        if (settings.Offline)
        {
            source.CheckOffline();
        }

        return new AskedRun(settings, pipeline, models, input, source);
    }

    /// <summary>Checks that one process can serve every stage.</summary>
    /// <exception cref="PipelineFileException">A stage is served by a program of its own, which takes its batches from a broker.</exception>
    public void CheckServed()
    {
        string[] foreign =
        [
            .. Pipeline
                .Stages.Where(stage => stage.Kind is ForeignKind)
                .Select(stage =>
                    $"The kind of {stage.Name} is {stage.Kind.Name}, of which there is only a manifest; it must be one that this process can load. "
                    + "Put its plugin into the folder of --plugins or, if it is served by a program of its own, submit the run to hosts: pipeline submit."
                ),
        ];
        if (foreign.Length > 0)
        {
            throw new PipelineFileException(foreign);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Source.Dispose();

    /// <summary>The id that a new run with this seed gets: the same for the same question.</summary>
    public string Id(long seed) => Hash($"{Input}\0{Pipeline.Name}\0{seed}\0{settings.Limit}")[..12];

    /// <summary>Hash of all that decides what the run writes, but the input: the resolved pipeline, its kinds' versions, the files and models it names, seed and limit.</summary>
    public string SettingsHash(long seed)
    {
        var files = Pipeline.Stages.SelectMany(stage => stage.Options.Files).Select(FileContent.Hash).Concat(Models.Contents);
        var versions = Pipeline.Stages.Select(stage => stage.Kind.Version);
        return Hash($"{Text}\0{string.Join(' ', versions)}\0{seed}\0{settings.Limit}\0{string.Join('\0', files)}");
    }

    /// <summary>Puts what the models are into the output directory, for whoever goes on with the run, and for its lineage.</summary>
    public async Task WriteModelsAsync(FolderStore store, CancellationToken stop)
    {
        if (Models.Found.Count > 0)
        {
            await store.WriteAsync(ModelLock.FileName, Models.Lock.ToBytes(), stop);
        }
    }

    /// <summary>Hash of the input as it is now; null for a run that is followed.</summary>
    public Task<string?> StampAsync(CancellationToken stop) =>
        Task.Run(() => settings.Follow is null ? Source.Stamp(settings.Limit) : null, stop);

    /// <summary>The run that the output directory holds, which must be the one that is asked for; null when it holds nothing.</summary>
    /// <exception cref="InvalidDataException">It is another, or the directory is not one of a run.</exception>
    public async Task<RunFile?> FindAsync(FolderStore store, CancellationToken stop)
    {
        var before = await RunFile.ReadAsync(store, stop);
        CheckOutput(store.Root, before);
        return before is not null && settings.Seed is { } seed && before.Seed != seed
            ? throw new InvalidDataException(
                $"--seed is {seed}; the run in {settings.Output} has the seed {before.Seed}. Name another output directory, or leave --seed out."
            )
            : before;
    }

    /// <summary>Whether the run was finished with the same settings, and neither input nor output changed since.</summary>
    public async Task<bool> IsDoneAsync(RunFile? before, long seed, string output, Task<string?> listing, CancellationToken stop) =>
        before is { State: "done", FailedBatches: 0 }
        && !settings.Verify
        && settings.Follow is null
        && before.Settings == SettingsHash(seed)
        && before.Outputs == await OutputsAsync(output, stop)
        && before.Listing == await listing;

    /// <summary>Names and sizes of every file of the output but the ledger's, run.json itself, marks of model calls, and what a killed process left half written.</summary>
    public static Task<string> OutputsAsync(string output, CancellationToken stop) =>
        Task.Run(
            () =>
            {
                var hash = new XxHash128();
                var files = new DirectoryInfo(output)
                    .EnumerateFiles("*", SearchOption.AllDirectories)
                    .Where(file => !file.Name.StartsWith("ledger.db", StringComparison.Ordinal) && file.Name != RunFile.Name)
                    .Where(file => !StoreUri.IsTemporary(file.Name))
                    .Select(file => $"{Path.GetRelativePath(output, file.FullName)}\0{file.Length}\n")
                    .Where(file => !file.StartsWith($"{StageIsolation.Folder}/", StringComparison.Ordinal))
                    .Order(StringComparer.Ordinal);
                foreach (var file in files)
                {
                    hash.Append(Encoding.UTF8.GetBytes(file));
                }

                return Convert.ToHexStringLower(hash.GetCurrentHash());
            },
            stop
        );

    private void CheckOutput(string output, RunFile? before)
    {
        if (
            before is null
            && Directory.Exists(output)
            && Directory.EnumerateFileSystemEntries(output).Any(path => Path.GetFileName(path) != OutputLock.Name)
        )
        {
            throw new InvalidDataException(
                $"{output} is not empty and holds no run.json; an output directory must be empty or hold a run. Name another."
            );
        }

        if (before is not null && (before.Pipeline != Pipeline.Name || before.Input != Input))
        {
            throw new InvalidDataException(
                $"{output} holds a run of {before.Pipeline} over {before.Input}; this is {Pipeline.Name} over {Input}. Name another output directory."
            );
        }
    }

    private static string Hash(string text) => Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(text)));
}

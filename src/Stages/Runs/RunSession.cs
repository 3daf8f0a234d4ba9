using System.IO.Hashing;
using System.Reflection;
using System.Text;
using Pipeline.Shards;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Ingest;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Transport.Embedded;

namespace Pipeline.Stages.Runs;

/// <summary>How a session ended.</summary>
/// <param name="Run">The run's id.</param>
/// <param name="FailedBatches">Batches that failed.</param>
/// <param name="Fault">Why the run is not finished; null when it is.</param>
/// <param name="Unchanged">True when a finished run was found and nothing had to be done.</param>
/// <param name="Accounts">Of the samples and, where there are edits, of the edits.</param>
public sealed record SessionEnd(string Run, int FailedBatches, string? Fault, bool Unchanged, IReadOnlyList<RunAccount> Accounts);

/// <summary>One run in one process, on the embedded transport: one run per output directory; the same command finds and continues it.</summary>
public static class RunSession
{
    /// <summary>The stage kinds of this program.</summary>
    public static StageCatalog Catalog { get; } = StageCatalog.Of(Assembly.GetExecutingAssembly());

    /// <summary>Reads a pipeline file or preset.</summary>
    /// <param name="pipeline">A path or a preset's name.</param>
    /// <param name="sets"><c>stage.option=value</c>.</param>
    /// <exception cref="PipelineFileException">With every fault.</exception>
    public static PipelineDefinition Read(string pipeline, IReadOnlyList<string> sets)
    {
        if (File.Exists(pipeline))
        {
            return PipelineFile.Read(File.ReadAllText(pipeline), pipeline, Catalog, sets);
        }

        try
        {
            return PipelineFile.Read(Presets.Find(pipeline).Text, $"preset {pipeline}", Catalog, sets);
        }
        catch (KeyNotFoundException unknown)
        {
            throw new PipelineFileException([unknown.Message]);
        }
    }

    /// <summary>Checks everything, then runs to the end.</summary>
    /// <exception cref="PipelineFileException">The pipeline is faulty; nothing was written.</exception>
    /// <exception cref="InputException">The input is faulty; nothing was written.</exception>
    /// <exception cref="InvalidDataException">The output directory holds another run, or another process works in it; nothing was written.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop; what is finished lies in the store.</exception>
    public static async Task<SessionEnd> RunAsync(RunSettings settings, IRunMonitor monitor, TimeProvider clock, CancellationToken stop)
    {
        var pipeline = Read(settings.Pipeline, settings.Sets);
        var ingest = pipeline.Stages.Select(stage => stage.Options).OfType<IngestOptions>().First();
        var input = Path.GetFullPath(settings.Input);
        if (settings.Follow is not null && ingest.ValidationShare + ingest.TestShare > 0)
        {
            throw new InputException(
                "--follow and ingest.validationShare or ingest.testShare are both set; one of both must be: what comes later would move images that are done between splits. "
                    + "Leave --follow out, or lay the splits out as folders or a column."
            );
        }

        using var source = IngestSource.Open(input, ingest);
        var output = Path.GetFullPath(settings.Output);
        var store = CrashPoint.Store(output);
        await FindAsync(store, pipeline, input, settings, stop);
        using var held = OutputLock.Take(output);
        // Once more, now that no other process can change it.
        var before = await FindAsync(store, pipeline, input, settings, stop);
        var seed = settings.Seed ?? before?.Seed ?? 0;
        var text = PipelineFile.Write(pipeline);
        var files = pipeline.Stages.SelectMany(stage => stage.Options.Files).Select(FileContent.Hash);
        var settingsHash = Hash($"{text}\0{seed}\0{settings.Limit}\0{string.Join('\0', files)}");
        // As the input is before the first image is read: what comes or changes while the run works is seen by the next one.
        var listing = Task.Run(() => settings.Follow is null ? source.Stamp(settings.Limit) : null, stop);
        if (
            before is { State: "done", FailedBatches: 0 }
            && !settings.Verify
            && settings.Follow is null
            && before.Settings == settingsHash
            && before.Outputs == await OutputsAsync(output, stop)
            && before.Listing == await listing
        )
        {
            return new SessionEnd(before.Id, 0, null, true, await RunAccounts.ReadAsync(store, stop));
        }

        var run = new RunFile
        {
            Id = before?.Id ?? Hash($"{input}\0{pipeline.Name}\0{seed}\0{settings.Limit}")[..12],
            Pipeline = pipeline.Name,
            Input = input,
            Seed = seed,
            State = "running",
        };
        var listed = await listing;
        await run.WriteAsync(store, stop);
        try
        {
            await store.SweepAsync("", clock.GetUtcNow(), stop);
            await store.WriteAsync("pipeline.yaml", Encoding.UTF8.GetBytes(text), stop);
            await using var transport = new EmbeddedTransport();
            await RunTopology.DeclareAsync(transport, run.Id, pipeline, stop);
            using var credits = new BatchCredits(ingest.Unfinished);
            using var ledger = new Ledger(Path.Combine(output, "ledger.db"));
            RunEngine? engine = null;
            var site = new RunSite
            {
                Run = run.Id,
                Seed = seed,
                Pipeline = pipeline,
                Input = input,
                InputRoot = source.Root,
                ClassNames = source.ClassNames,
                Limit = settings.Limit,
                Follow = settings.Follow,
                Verify = settings.Verify,
                Output = output,
                Store = new PausingStore(store, notice => engine?.Notice(notice), clock),
                Transport = transport,
                Credits = credits,
                Clock = clock,
                At = CrashPoint.At,
                Notice = notice => engine?.Notice(notice),
            };
            using (engine = new RunEngine(site, ledger, monitor, settings.MaxFailedPercent))
            {
                var end = await engine.RunAsync(stop);
                var accounts = end.Fault is null ? await RunAccounts.CountAsync(site, stop) : [];
                var fault = end.Fault ?? OpenAccount(accounts);
                await (
                    run with
                    {
                        State = fault is null ? "done" : "failed",
                        FailedBatches = end.FailedBatches,
                        Settings = settingsHash,
                        Listing = fault is null ? listed : null,
                        Outputs = fault is null ? await OutputsAsync(output, stop) : null,
                    }
                ).WriteAsync(site.Store, stop);
                return new SessionEnd(run.Id, end.FailedBatches, fault, false, accounts);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await TryNoteAsync(run with { State = "interrupted" }, store);
            throw;
        }
        catch (Exception error)
        {
            await TryNoteAsync(run with { State = "failed" }, store);
            // Something was written, so this is no fault of the command line: the run ends unfinished, and says why.
            if (error is IOException or UnauthorizedAccessException or InvalidDataException or ShardDamagedException)
            {
                return new SessionEnd(run.Id, 0, error.Message, false, []);
            }

            throw;
        }
    }

    /// <summary>What is wrong with the accounts, for a person; null when all of them close.</summary>
    public static string? OpenAccount(IReadOnlyList<RunAccount> accounts) =>
        accounts.FirstOrDefault(account => !account.Closes) is { } open
            ? $"the account of the {open.Of} does not close: {open}. This is a fault of the program; report it with the output directory."
            : null;

    /// <summary>The run that the output directory holds, which must be the one that is asked for; null when it holds nothing.</summary>
    private static async Task<RunFile?> FindAsync(
        FolderStore store,
        PipelineDefinition pipeline,
        string input,
        RunSettings settings,
        CancellationToken stop
    )
    {
        var before = await RunFile.ReadAsync(store, stop);
        CheckOutput(store.Root, before, pipeline, input);
        return before is not null && settings.Seed is { } seed && before.Seed != seed
            ? throw new InvalidDataException(
                $"--seed is {seed}; the run in {settings.Output} has the seed {before.Seed}. Name another output directory, or leave --seed out."
            )
            : before;
    }

    private static async Task TryNoteAsync(RunFile run, FolderStore store)
    {
        try
        {
            await run.WriteAsync(store, CancellationToken.None);
        }
        catch (StoreFullException)
        {
            // It stays "running", as after a kill: the same command goes on.
        }
    }

    private static void CheckOutput(string output, RunFile? before, PipelineDefinition pipeline, string input)
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

        if (before is not null && (before.Pipeline != pipeline.Name || before.Input != input))
        {
            throw new InvalidDataException(
                $"{output} holds a run of {before.Pipeline} over {before.Input}; this is {pipeline.Name} over {input}. Name another output directory."
            );
        }
    }

    /// <summary>Names and sizes of every file of the output but the ledger's and run.json itself.</summary>
    private static Task<string> OutputsAsync(string output, CancellationToken stop) =>
        Task.Run(
            () =>
            {
                var hash = new XxHash128();
                var files = new DirectoryInfo(output)
                    .EnumerateFiles("*", SearchOption.AllDirectories)
                    .Where(file => !file.Name.StartsWith("ledger.db", StringComparison.Ordinal) && file.Name != RunFile.Name)
                    .Select(file => $"{Path.GetRelativePath(output, file.FullName)}\0{file.Length}\n")
                    .Order(StringComparer.Ordinal);
                foreach (var file in files)
                {
                    hash.Append(Encoding.UTF8.GetBytes(file));
                }

                return Convert.ToHexStringLower(hash.GetCurrentHash());
            },
            stop
        );

    private static string Hash(string text) => Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(text)));
}

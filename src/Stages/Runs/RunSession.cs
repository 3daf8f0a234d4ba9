using System.Reflection;
using Pipeline.Shards;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Ingest;
using Pipeline.Stages.Isolation;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Topology;
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
    /// <param name="catalog">The kinds that it may name; null for those of this program.</param>
    /// <exception cref="PipelineFileException">With every fault.</exception>
    public static PipelineDefinition Read(string pipeline, IReadOnlyList<string> sets, StageCatalog? catalog = null)
    {
        catalog ??= Catalog;
        if (File.Exists(pipeline))
        {
            return PipelineFile.Read(File.ReadAllText(pipeline), pipeline, catalog, sets);
        }

        try
        {
            return PipelineFile.Read(Presets.Find(pipeline).Text, $"preset {pipeline}", catalog, sets);
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
        using var asked = AskedRun.Open(settings);
        asked.CheckServed();
        var output = Path.GetFullPath(settings.Output);
        var store = CrashPoint.Store(output);
        await asked.FindAsync(store, stop);
        using var held = OutputLock.Take(output);
        // Once more, now that no other process can change it.
        var before = await asked.FindAsync(store, stop);
        var seed = settings.Seed ?? before?.Seed ?? 0;
        // As the input is before the first image is read: what comes or changes while the run works is seen by the next one.
        var listing = asked.StampAsync(stop);
        if (await asked.IsDoneAsync(before, seed, output, listing, stop))
        {
            return new SessionEnd(before?.Id ?? "", 0, null, true, await RunAccounts.ReadAsync(store, stop));
        }

        var run = new RunFile
        {
            Id = before?.Id ?? asked.Id(seed),
            Pipeline = asked.Pipeline.Name,
            Input = asked.Input,
            Seed = seed,
            State = "running",
        };
        run = run with
        {
            Settings = asked.SettingsHash(seed),
            Listing = await listing,
            Limit = settings.Limit,
            MaxFailedPercent = settings.MaxFailedPercent,
        };
        await run.WriteAsync(store, stop);
        try
        {
            await asked.WriteModelsAsync(store, stop);
            await store.SweepAsync("", clock.GetUtcNow(), stop);
            var topology = new TopologyStore(store, () => settings.Catalog);
            var history = await topology.BeginAsync(asked.Pipeline, stop);
            if (settings.Plugins is null && history.All.Stages.FirstOrDefault(stage => stage.Kind is ForeignKind) is { } added)
            {
                throw new InvalidDataException(
                    $"The stage {added.Name} was added to the run while it went on, and its kind {added.Kind.Name} is a plugin's; the plugin must be there. Give --plugins DIR."
                );
            }

            await using var transport = new EmbeddedTransport();
            await RunTopology.DeclareAsync(transport, run.Id, history, stop);
            using var ledger = new Ledger(Path.Combine(output, "ledger.db"));
            RunEngine? engine = null;
            var site = new RunSite
            {
                Run = run.Id,
                Seed = seed,
                Topology = new LiveTopology(history, new TopologyChange(topology, run.Id).AdoptAsync(transport)),
                Input = asked.Input,
                InputRoot = asked.Source.Root,
                ClassNames = asked.Source.ClassNames,
                Limit = settings.Limit,
                Follow = settings.Follow,
                Verify = settings.Verify,
                KeepsFailed = settings.KeepsFailed,
                Output = output,
                Store = new PausingStore(store, notice => engine?.Notice(notice), clock),
                Transport = transport,
                Credits = new BatchCredits(asked.Ingest.Unfinished, asked.Ingest.UnfinishedBytes),
                Child = settings.Child,
                Precautions = settings.Precautions,
                Catalog = () => settings.Catalog,
                Models = asked.Models.Library,
                Plugins = settings.Plugins,
                IsServed = stage => stage.Kind is not ForeignKind,
                Clock = clock,
                At = CrashPoint.At,
                Notice = notice => engine?.Notice(notice),
            };
            while (true)
            {
                using (engine = new RunEngine(site, ledger, monitor, settings.MaxFailedPercent))
                {
                    var end = await engine.RunAsync(stop);
                    if (!end.IsStale)
                    {
                        return await FinishAsync(site, run, end, stop);
                    }
                }

                // What came late is made anew from what is there, with new books and a walk from the input's start.
                site = site with
                {
                    Credits = new BatchCredits(asked.Ingest.Unfinished, asked.Ingest.UnfinishedBytes),
                };
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

    /// <summary>Closes the accounts of a run that has ended and notes in <c>run.json</c> how it ended.</summary>
    /// <param name="site">The run.</param>
    /// <param name="run">As it was begun, with the hashes of its settings and its input.</param>
    /// <param name="end">How it ended.</param>
    /// <param name="stop">Ends the call early.</param>
    internal static async Task<SessionEnd> FinishAsync(RunSite site, RunFile run, RunEnd end, CancellationToken stop)
    {
        var accounts = end.Fault is null ? await RunAccounts.CountAsync(site, stop) : [];
        var fault = end.Fault ?? OpenAccount(accounts);
        if (fault is null)
        {
            StageIsolation.Remove(site.Output);
        }

        var ended = run with
        {
            State = fault is null ? "done" : "failed",
            Fault = fault,
            FailedBatches = end.FailedBatches,
            Listing = fault is null ? run.Listing : null,
            Outputs = fault is null ? await AskedRun.OutputsAsync(site.Output, stop) : null,
        };
        await ended.WriteAsync(site.Store, stop);
        return new SessionEnd(run.Id, end.FailedBatches, fault, false, accounts);
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
}

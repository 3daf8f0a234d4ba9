using System.Collections.Concurrent;
using Pipeline.Messages;
using Pipeline.Shards.Stores;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Runs.Cluster;

/// <summary>The time in which one host leads a run: from the baton until the run ends, the baton is lost or the host stops.</summary>
/// <remarks>A term begins with empty books and walks the input from its start. What is done is found in the store and told again, so a term owes
/// nothing to the one before it, and a run that lost its broker is led like a new one.</remarks>
internal sealed class LeaderTerm(Submission submission, RunSite shared, ClusterStore cluster, HostSettings host)
{
    /// <summary>Between two reports of how far the run is.</summary>
    private static readonly TimeSpan BetweenReports = TimeSpan.FromMilliseconds(500);

    /// <summary>Between two looks at who serves what.</summary>
    private static readonly TimeSpan BetweenCounts = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, bool> unserved = new(StringComparer.Ordinal);

    /// <summary>Leads until the run has ended, and notes how it ended.</summary>
    /// <exception cref="OperationCanceledException">The term is over and the run is not.</exception>
    public async Task LeadAsync(CancellationToken stop)
    {
        while (!await TryFinishAsync(stop))
        {
            // Something came late, a failed batch or a change of the topology: what follows from it is made anew, with new books.
        }

        await cluster.WriteAsync(submission with { Wanted = WantedState.Closing }, stop);
        await HostControl.AnnounceAsync(shared.Transport, new RunClosed { Run = submission.Run }, stop);
    }

    /// <summary>Leads until everything is done once; false when the run must be led anew.</summary>
    private async Task<bool> TryFinishAsync(CancellationToken stop)
    {
        var books = Path.Combine(Path.GetTempPath(), $"pipeline-{Environment.ProcessId}-{submission.Run}.db");
        RemoveLeftBehind(submission.Run);
        var options = shared.Pipeline.Stages.Select(stage => stage.Options).OfType<Ingest.IngestOptions>().First();
        var credits = new BatchCredits(options.Unfinished, options.UnfinishedBytes);
        RunEngine? engine = null;
        var site = shared with
        {
            Credits = credits,
            IsServed = stage => !unserved.ContainsKey(stage.Name),
            Store = new PausingStore(CrashPoint.Store(shared.Output), notice => engine?.Notice(notice), shared.Clock),
            Notice = notice =>
            {
                engine?.Notice(notice);
                shared.Notice(notice);
            },
        };
        var reports = new Reports();
        using var reporting = new CancellationTokenSource();
        var reporter = Task.WhenAll(ReportAsync(reports, reporting.Token), LookForHostsAsync(reporting.Token));
        try
        {
            RunEnd end;
            using (var ledger = new Ledger(books))
            using (engine = new RunEngine(site, ledger, reports, submission.MaxFailedPercent, stage => !HostSettings.IsShared(stage)))
            {
                end = await RunAsync(engine, stop);
            }

            if (end.IsStale)
            {
                return false;
            }

            File.Copy(books, Path.Combine(site.Output, "ledger.db"), overwrite: true);
            await RunSession.FinishAsync(site, Begun(), end, stop);
        }
        finally
        {
            await reporting.CancelAsync();
            await reporter;
            Directory.GetFiles(Path.GetTempPath(), Path.GetFileName(books) + "*").ToList().ForEach(File.Delete);
        }

        return true;
    }

    /// <summary>Ledgers of this run by processes of this machine that were killed.</summary>
    private static void RemoveLeftBehind(string run)
    {
        foreach (var path in Directory.GetFiles(Path.GetTempPath(), $"pipeline-*-{run}.db*"))
        {
            var process = Path.GetFileName(path).Split('-')[1];
            if (!Directory.Exists($"/proc/{process}"))
            {
                File.Delete(path);
            }
        }
    }

    /// <summary>What cannot be read or written ends the run unfinished, with its reason; a fault of the program does too, for another host would meet it again.</summary>
    private static async Task<RunEnd> RunAsync(RunEngine engine, CancellationToken stop)
    {
        try
        {
            return await engine.RunAsync(stop);
        }
        catch (Exception error) when (!stop.IsCancellationRequested)
        {
            return new RunEnd(0, $"{error.GetType().Name}: {error.Message}");
        }
    }

    private RunFile Begun() =>
        new()
        {
            Id = submission.Run,
            Pipeline = shared.Pipeline.Name,
            Input = submission.Input,
            Seed = submission.Seed,
            State = "running",
            Settings = submission.Settings,
            Listing = submission.Listing,
        };

    /// <summary>Finds the stages that nobody serves, for people to be told: a stage that may take batches and whose queue no program consumes.</summary>
    private async Task LookForHostsAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var paused = shared.Topology.Current.Paused;
            foreach (var stage in shared.Pipeline.Stages.Where(HostSettings.IsShared))
            {
                var waits = paused.Contains(stage.Name) || !stage.Kind.Needs.All(shared.Artifacts.ContainsKey);
                if (waits || await TryCountAsync(stage.Name) is not 0)
                {
                    unserved.TryRemove(stage.Name, out _);
                }
                else
                {
                    unserved[stage.Name] = true;
                }
            }

            await Task.Delay(BetweenCounts, shared.Clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // Null when the broker cannot be asked: then nothing is said.
        async Task<int?> TryCountAsync(string stage)
        {
            try
            {
                return await shared.Transport.ConsumersAsync(RoutingKey.Queue(submission.Run, stage), stop);
            }
            catch (Exception)
            {
                return null;
            }
        }
    }

    private async Task ReportAsync(Reports reports, CancellationToken stop)
    {
        RunProgress? written = null;
        while (true)
        {
            var latest = reports.Latest;
            if (latest is not null && latest != written)
            {
                written = latest;
                await TryWriteAsync(latest);
            }

            if (stop.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(BetweenReports, shared.Clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task TryWriteAsync(RunProgress progress)
    {
        try
        {
            await cluster.WriteAsync(submission.Run, new HostedProgress(host.Name, submission.Sequence, progress), CancellationToken.None);
        }
        catch (StoreFullException)
        {
            // Nothing depends on it; the next one tells more.
        }
    }

    private sealed class Reports : IRunMonitor
    {
        private RunProgress? latest;

        public RunProgress? Latest => Volatile.Read(ref latest);

        public void Report(RunProgress progress) => Volatile.Write(ref latest, progress);
    }
}

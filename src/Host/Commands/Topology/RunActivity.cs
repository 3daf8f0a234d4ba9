using System.Globalization;
using Pipeline.Messages;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Cluster;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Topology;
using Pipeline.Stages.Runs.Topology.Graph;
using Pipeline.Stages.Transport;

namespace Pipeline.Host.Commands.Topology;

/// <summary>How busy the stages of a run are, as far as the broker, the host that leads it and the files say.</summary>
/// <param name="run">The run.</param>
/// <param name="history">Its topology.</param>
/// <param name="submission">What is wanted of a submitted run; null for a run in one process.</param>
/// <param name="clock">Says what is recent.</param>
internal sealed class RunActivity(OpenRun run, TopologyHistory history, Submission? submission, TimeProvider clock)
{
    private static readonly TimeSpan Recent = TimeSpan.FromSeconds(10);

    /// <summary>Reads it for every stage of the newest version of which something is known.</summary>
    /// <param name="transport">The broker; null to count what waits from the files.</param>
    /// <param name="stop">Ends the call early.</param>
    public async Task<IReadOnlyList<StageActivity>> ReadAsync(ITransport? transport, CancellationToken stop)
    {
        var told =
            submission is { Wanted: WantedState.Running } && run.Cluster is { } cluster ? await cluster.ProgressAsync(run.Id, stop) : null;
        var ready = (await ArtifactFile.ReadAllAsync(run.Store, stop)).Select(artifact => artifact.Name).ToHashSet(StringComparer.Ordinal);
        var activities = new List<StageActivity>();
        foreach (var stage in history.Pipeline.Stages)
        {
            var isRow = TopologyHistory.IsRow(stage);
            var waiting =
                !isRow ? null
                : transport is null ? await FilesWaitingAsync(stage, stop)
                : await QueueAsync(transport, stage, stop);
            var rate = isRow || stage.After.Count == 0 ? await RateAsync(stage, stop) : null;
            var state =
                told?.Progress.Stages.FirstOrDefault(other => other.Stage == stage.Name)?.State
                ?? State(stage, isRow, waiting, rate, stage.Kind.Needs.FirstOrDefault(need => !ready.Contains(need)));
            var isPaused = history.Paused.Contains(stage.Name);
            if (isPaused || state is not null || waiting is not null || rate is not null)
            {
                activities.Add(
                    new StageActivity(stage.Name)
                    {
                        Waiting = waiting,
                        ItemsPerSecond = rate,
                        State = state,
                        IsPaused = isPaused,
                    }
                );
            }
        }

        return activities;
    }

    /// <summary>What the files tell of a run whose process says nothing to others.</summary>
    private string? State(StageDefinition stage, bool isRow, long? waiting, double? rate, string? closed)
    {
        var state = submission is null ? run.Directory.State : RunWatch.State(submission, run.Directory.Run);
        return state == "done" ? "done"
            : state != "running" || (!isRow && stage.After.Count > 0) ? null
            : closed is not null && waiting > 0 ? $"waiting for {closed}"
            : rate > 0 ? "running"
            : waiting > 0 ? "waiting"
            : null;
    }

    private async Task<long?> QueueAsync(ITransport transport, StageDefinition stage, CancellationToken stop)
    {
        try
        {
            var depth = await transport.DepthAsync(RoutingKey.Queue(run.Id, stage.Name), stop);
            return depth.Ready + depth.Unsettled;
        }
        catch (InvalidOperationException)
        {
            return null; // the run has ended, or the broker has lost it
        }
    }

    /// <summary>Batches that a stage before has done, whose plan leads to this one, and that are neither done nor failed here.</summary>
    private async Task<long?> FilesWaitingAsync(StageDefinition stage, CancellationToken stop)
    {
        var here = Batches(stage.Name, ".parquet", ".failed.json");
        var waiting = new HashSet<string>(StringComparer.Ordinal);
        foreach (var before in stage.After)
        {
            foreach (var batch in Batches(before, ".parquet").Where(batch => !here.Contains(batch)))
            {
                if (history.IsPlain || await LeadsAsync(before, batch, stage.Name, stop))
                {
                    waiting.Add(batch);
                }
            }
        }

        return waiting.Count;
    }

    private async Task<bool> LeadsAsync(string before, string batch, string stage, CancellationToken stop)
    {
        var log = await WorkLog.FindAsync(run.Store, $"runs/{run.Id}/{before}/{batch}{WorkLog.Ending}", stop);
        return history.Follows(stage, before, log?.Version ?? history.Oldest);
    }

    /// <summary>Rows a second of the batches that were done lately, from the beginning of the first; null when there are none.</summary>
    /// <remarks>Lately is within ten seconds or, where batches take longer, within the time of two.</remarks>
    private async Task<double?> RateAsync(StageDefinition stage, CancellationToken stop)
    {
        var (now, recent) = (clock.GetUtcNow(), Recent);
        var (rows, since) = (0L, now);
        var files = Files(stage.Name).Where(file => file.Name.EndsWith(WorkLog.Ending, StringComparison.Ordinal));
        foreach (var file in files.OrderByDescending(file => file.LastWriteTimeUtc))
        {
            if (await WorkLog.FindAsync(run.Store, $"runs/{run.Id}/{stage.Name}/{file.Name}", stop) is not { } log)
            {
                continue;
            }

            var took = TimeSpan.FromSeconds(log.Seconds);
            recent = took * 2 > recent ? took * 2 : recent;
            if (now - log.At > recent)
            {
                break;
            }

            rows += log.Rows;
            since = log.At - took < since ? log.At - took : since;
        }

        return rows > 0 && now > since ? rows / (now - since).TotalSeconds : null;
    }

    private HashSet<string> Batches(string stage, params IReadOnlyList<string> endings) =>
        [
            .. Files(stage)
                .Where(file => file.Name.Length > 8 && endings.Contains(file.Name[8..], StringComparer.Ordinal))
                .Select(file => file.Name[..8])
                .Where(batch => int.TryParse(batch, NumberStyles.None, CultureInfo.InvariantCulture, out _)),
        ];

    private FileInfo[] Files(string stage)
    {
        var folder = new DirectoryInfo(Path.Combine(run.Directory.Root, "runs", run.Id, stage));
        return folder.Exists ? folder.GetFiles() : [];
    }
}

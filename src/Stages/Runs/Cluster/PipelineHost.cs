using System.Globalization;
using System.Threading.Channels;
using Pipeline.Stages.Flow;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Runs.Cluster;

/// <summary>A process that serves the runs of a cluster: brings what it serves in line with what the store says is wanted, again and again.</summary>
/// <param name="settings">What it is for.</param>
/// <param name="cluster">The store.</param>
/// <param name="transport">What carries the messages.</param>
/// <param name="log">Told in a line what it does.</param>
/// <param name="clock">Gives pauses.</param>
public sealed class PipelineHost(HostSettings settings, ClusterStore cluster, ITransport transport, Action<string> log, TimeProvider clock)
{
    /// <summary>Between two looks into the store; a message makes the next one at once.</summary>
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    private const int LooksBetweenDeclarations = 10;

    /// <summary>For the queues of a run to be consumed; what could not begin then begins at a later look.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    /// <summary>What a host that was not told could still re-create is deleted once more after this time.</summary>
    private static readonly TimeSpan BeforeSweep = TimeSpan.FromSeconds(60);

    /// <summary>For hosts to leave a run before its queues go.</summary>
    private static readonly TimeSpan BeforeRemoval = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, HostedRun> runs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long Since, bool Removed)> closing = new(StringComparer.Ordinal);
    private readonly HashSet<string> complaints = new(StringComparer.Ordinal);
    private readonly HostedParts parts = new(transport, clock, log, new HostLanes());
    private readonly string queue = string.Create(CultureInfo.InvariantCulture, $"{settings.Name}.{Environment.ProcessId}");

    /// <summary>Serves until it is asked to stop, then drains.</summary>
    /// <param name="stop">Take nothing more, finish what is begun within <see cref="HostSettings.Drain"/>, give back the rest, return.</param>
    public async Task RunAsync(CancellationToken stop)
    {
        var wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        await using var listening = await HostControl.ListenAsync(transport, queue, () => wakes.Writer.TryWrite(true), stop);
        EventHandler onPlugins = (_, _) => wakes.Writer.TryWrite(true);
        settings.Plugins?.Changed += onPlugins;
        for (var look = 0; !stop.IsCancellationRequested; look++)
        {
            await LookAsync(look, stop);
            using var pause = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var woken = wakes.Reader.WaitToReadAsync(pause.Token).AsTask();
            await Task.WhenAny(woken, Task.Delay(BetweenLooks, clock, pause.Token));
            await pause.CancelAsync();
            wakes.Reader.TryRead(out _);
        }

        settings.Plugins?.Changed -= onPlugins;
        using var limit = new CancellationTokenSource(settings.Drain, clock);
        log($"stops: what is begun has {settings.Drain.TotalSeconds:0} s");
        await Task.WhenAll(runs.Values.Select(run => LeaveAsync(run, limit.Token)));
    }

    private async Task LookAsync(int look, CancellationToken stop)
    {
        try
        {
            if (look % LooksBetweenDeclarations == LooksBetweenDeclarations - 1)
            {
                await HostControl.DeclareAsync(transport, queue, stop); // a broker that lost its disk lost this too
            }

            foreach (var submission in await cluster.ListAsync(stop))
            {
                await FollowAsync(submission, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // asked to stop
        }
        catch (Exception error)
        {
            Complain($"store or broker could not be asked: {error.Message}");
        }
    }

    private async Task FollowAsync(Submission submission, CancellationToken stop)
    {
        try
        {
            if (
                runs.TryGetValue(submission.Run, out var served)
                && (submission.Wanted != WantedState.Running || served.Submission.Sequence != submission.Sequence)
            )
            {
                runs.Remove(submission.Run);
                // Only of a run that is paused is what it has begun worth waiting for.
                using var limit = new CancellationTokenSource(
                    submission.Wanted == WantedState.Paused ? settings.Drain : TimeSpan.Zero,
                    clock
                );
                await LeaveAsync(served, limit.Token);
                served = null;
            }

            if (submission.Wanted == WantedState.Running)
            {
                closing.Remove(submission.Run);
                await ServeAsync(submission, served, stop);
            }
            else if (submission.Wanted == WantedState.Closing)
            {
                await CloseAsync(submission, stop);
            }

            complaints.RemoveWhere(complaint => complaint.StartsWith(submission.Run, StringComparison.Ordinal));
        }
        catch (Exception error) when (error is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            Complain($"{submission.Run} cannot be served now: {error.Message}");
        }
    }

    private async Task ServeAsync(Submission submission, HostedRun? served, CancellationToken stop)
    {
        // A queue that goes while it is asked for would be waited for, and with it every other run.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(StartLimit);
        if (served is not null)
        {
            await served.LookAsync(limit.Token);
            return;
        }

        runs[submission.Run] = await HostedRun.StartAsync(submission, cluster, settings, parts, limit.Token);
        var stages = runs[submission.Run].Pipeline.Stages;
        log(
            stages.Any(settings.Serves)
                ? $"serves {submission.Run}"
                : $"serves nothing of {submission.Run}: its stages are {string.Join(", ", stages.Select(stage => stage.Name))}; --stages must name one of them. Start a host that does."
        );
    }

    private async Task LeaveAsync(HostedRun served, CancellationToken limit)
    {
        await served.DrainAsync(limit);
        await served.DisposeAsync();
        log($"left {served.Submission.Run}");
    }

    /// <summary>Deletes what the broker holds of a run when hosts have had time to leave it, and sweeps once more a while later.</summary>
    private async Task CloseAsync(Submission submission, CancellationToken stop)
    {
        var pipeline = await cluster.PipelineAsync(submission.Run, stop);
        if (!settings.CanLead(pipeline))
        {
            return;
        }

        if (!closing.TryGetValue(submission.Run, out var known))
        {
            closing[submission.Run] = known = (clock.GetTimestamp(), false);
        }

        var waited = clock.GetElapsedTime(known.Since);
        if (!known.Removed && waited >= BeforeRemoval)
        {
            // Nobody writes there any more: what is half written is of hosts that were killed.
            await CrashPoint.Store(cluster.Output(submission.Run)).SweepAsync("", clock.GetUtcNow(), stop);
            await RunTopology.RemoveAsync(transport, submission.Run, pipeline, stop);
            closing[submission.Run] = known with { Removed = true };
        }
        else if (known.Removed && waited >= BeforeSweep && await IsStillAsync(submission, stop))
        {
            await RunTopology.RemoveAsync(transport, submission.Run, pipeline, stop);
            await cluster.WriteAsync(submission with { Wanted = WantedState.Closed }, stop);
            closing.Remove(submission.Run);
        }
    }

    private async Task<bool> IsStillAsync(Submission submission, CancellationToken stop) =>
        await cluster.FindAsync(submission.Run, stop) is { Wanted: WantedState.Closing } now && now.Sequence == submission.Sequence;

    /// <summary>Once for each fault, not at every look.</summary>
    private void Complain(string text)
    {
        if (complaints.Add(text))
        {
            log(text);
        }
    }
}

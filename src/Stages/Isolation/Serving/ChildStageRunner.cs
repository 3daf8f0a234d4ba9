using System.Globalization;
using Pipeline.Messages;
using Pipeline.Stages.Runs;

namespace Pipeline.Stages.Isolation.Serving;

/// <summary>Serves a stage in a child process, and begins another one when that ends: whatever the stage's code does to its process, this one lives.</summary>
/// <remarks>
/// <para>The child has the stage, its graph and its consumer; the queues are reached through this process, which gives back what a child had not
/// settled. The store is the child's own.</para>
/// <para>A sample that brings children down is found as one is that brings a host down: after two deaths in its call it is tried alone, and set aside.</para>
/// <para>Between children there is a pause, which grows until a batch is finished. After five ends without one the stage counts as stopped; it is
/// tried on all the same.</para>
/// <para>The lanes of the host are not shared with a child: it makes as many model calls at one time as its options say.</para>
/// </remarks>
/// <param name="site">The stage.</param>
/// <param name="begin">Begins a child.</param>
/// <param name="limit">For a child to be ready.</param>
internal sealed class ChildStageRunner(StageSite site, Func<IChild> begin, TimeSpan limit) : IStageRunner
{
    /// <summary>Ends in a row, without a batch that got its shard, after which the stage counts as stopped.</summary>
    public const int MostEnds = 5;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource leaving = new();
    private readonly CancellationTokenSource disposing = new();
    private readonly Lock gate = new();
    private ServedChild? current;
    private Task serving = Task.CompletedTask;

    /// <summary>Of a stage that a program serves.</summary>
    public static ChildStageRunner Of(StageSite site)
    {
        var program =
            site.Run.Child
            ?? throw new InvalidOperationException(
                $"{site.Definition.Name} is to be served in a child process and no program for it is named; RunSite.Child must name one."
            );
        return new ChildStageRunner(
            site,
            () => ChildProcess.Start(program.ThatServes, line => program.Said($"{site.Definition.Name}: {line}")),
            program.Limit
        );
    }

    /// <inheritdoc/>
    /// <remarks>Does not wait for the child: other stages begin meanwhile.</remarks>
    public Task StartAsync(CancellationToken stop)
    {
        serving = Task.Run(ServeAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task DrainAsync(CancellationToken limit)
    {
        ServedChild? child;
        lock (gate)
        {
            leaving.Cancel(); // no other child begins
            child = current;
        }

        await (child?.DrainAsync(limit) ?? Task.CompletedTask);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await leaving.CancelAsync();
        await disposing.CancelAsync();
        await serving;
        leaving.Dispose();
        disposing.Dispose();
    }

    private async Task ServeAsync()
    {
        var ends = 0;
        var pause = FirstPause;
        while (true)
        {
            var (end, worked, faulty) = await ServeOnceAsync(again: ends > 0);
            if (end is null)
            {
                return;
            }

            (ends, pause) = worked ? (1, FirstPause) : (ends + 1, ends == 0 ? FirstPause : pause);
            await TellAsync(end, ends, faulty, pause);
            try
            {
                await Task.Delay(pause, site.Run.Clock, leaving.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            pause = 2 * pause < LongestPause ? 2 * pause : LongestPause;
        }
    }

    /// <summary>One child from its beginning to its end; how it ended, null when it was asked to.</summary>
    private async Task<(string? End, bool Worked, bool Faulty)> ServeOnceAsync(bool again)
    {
        IChild process;
        try
        {
            process = begin();
        }
        catch (Exception error)
        {
            return ($"it could not be started: {error.Message}", false, true);
        }

        await using var child = new ServedChild(site, process, () => Recovered(again));
        lock (gate)
        {
            if (leaving.IsCancellationRequested)
            {
                return (null, false, false);
            }

            current = child;
        }

        var ending = child.ServeAsync(limit);
        try
        {
            var end = await ending.WaitAsync(disposing.Token);
            return (leaving.IsCancellationRequested ? null : end, child.HasFinishedOne, child.IsFaulty);
        }
        catch (OperationCanceledException) when (disposing.IsCancellationRequested)
        {
            return (null, false, false);
        }
        finally
        {
            lock (gate)
            {
                current = null;
            }
        }
    }

    private void Recovered(bool again)
    {
        if (again)
        {
            site.Run.Notice(null);
        }
    }

    private async Task TellAsync(string end, int ends, bool faulty, TimeSpan pause)
    {
        var stage = site.Definition.Name;
        site.Run.Notice(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{stage}: its process has ended: {end}. What it held was given back; another one begins after {pause.TotalSeconds:0} s."
            )
        );
        var probes = faulty ? ends - 1 : ends - MostEnds;
        if (probes < 0)
        {
            return;
        }

        try
        {
            var reason = string.Create(CultureInfo.InvariantCulture, $"{ends} processes in a row ended, the last because: {end}");
            await site.PublishEventAsync(
                new StageStopped
                {
                    Run = site.Run.Run,
                    Stage = stage,
                    Probes = probes,
                    Reason = reason,
                },
                stage,
                leaving.Token
            );
        }
        catch (Exception error)
        {
            site.Run.Notice($"{stage}: that it is stopped could not be told: {error.Message}");
        }
    }
}

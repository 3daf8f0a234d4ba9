using Pipeline.Shards.Stores;

namespace Pipeline.Stages.Runs.Cluster;

/// <summary>Looks at a submitted run from outside, in the store.</summary>
public static class RunWatch
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);

    /// <summary>What is said when no host has told how far the run is for so long.</summary>
    private static readonly TimeSpan BeforeAsking = TimeSpan.FromSeconds(5);

    /// <summary>What a person calls the state that a run is in.</summary>
    public static string State(Submission submission, RunFile? run) =>
        submission.Wanted switch
        {
            WantedState.Running => "running",
            WantedState.Paused => "paused",
            _ => run?.State ?? "missing",
        };

    /// <summary>Reports how far the run is until it has ended.</summary>
    /// <param name="cluster">The store.</param>
    /// <param name="submission">The run.</param>
    /// <param name="monitor">Is told how far it is.</param>
    /// <param name="clock">Gives pauses.</param>
    /// <param name="stop">Leaves the run as it is.</param>
    /// <exception cref="OperationCanceledException">It was asked to stop; the run goes on.</exception>
    public static async Task<SessionEnd> EndAsync(
        ClusterStore cluster,
        Submission submission,
        IRunMonitor monitor,
        TimeProvider clock,
        CancellationToken stop
    )
    {
        var store = new FolderStore(cluster.Output(submission.Run));
        var (started, isLed) = (clock.GetTimestamp(), false);
        while (true)
        {
            var now = await cluster.FindAsync(submission.Run, stop);
            if (await cluster.ProgressAsync(submission.Run, stop) is { } told && told.Sequence >= submission.Sequence)
            {
                monitor.Report(told.Progress);
                isLed = true;
            }
            else if (!isLed && clock.GetElapsedTime(started) is var waited && waited >= BeforeAsking)
            {
                monitor.Report(
                    new RunProgress
                    {
                        Elapsed = waited,
                        Stages = [],
                        Notice =
                            $"No host leads {submission.Run} yet. Start one: pipeline host --stages all --store {cluster.Root} --broker ADDRESS",
                    }
                );
            }

            if (now.Wanted is WantedState.Closing or WantedState.Closed)
            {
                var run = await RunFile.ReadAsync(store, stop);
                var fault = run?.State switch
                {
                    "done" => null,
                    "cancelled" => "it was cancelled.",
                    _ => run?.Fault ?? "it ended without a reason.",
                };
                var accounts = fault is null ? await RunAccounts.ReadAsync(store, stop) : [];
                return new SessionEnd(submission.Run, run?.FailedBatches ?? 0, fault, submission.Wanted == WantedState.Closed, accounts);
            }

            await Task.Delay(BetweenLooks, clock, stop);
        }
    }
}

using Pipeline.Stages.Runs;

namespace Pipeline.Host.View;

/// <summary>Makes rates, time left and bottleneck out of the reports of a run. One thread at a time.</summary>
/// <remarks>
/// Items a second and the bottleneck are measured over the last five seconds, time left over all of a stage's running time: batches may take
/// longer than a window. While a stage waits or is paused its clock does not run.
/// </remarks>
internal sealed class RunMeter(TimeProvider time)
{
    /// <summary>The state of a stage of which nothing more will come.</summary>
    public const string Done = "done";

    private const string Running = "running";
    private const double LeastBusy = 0.01; // below a hundredth of a worker nothing is slowed down

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    private readonly Queue<Reading> readings = new();
    private readonly Dictionary<string, Start> starts = new(StringComparer.Ordinal);

    /// <summary>Takes a report as of now.</summary>
    public RunFigures Read(RunProgress progress)
    {
        var now = time.GetTimestamp();
        readings.Enqueue(new Reading(now, progress));
        while (readings.Count > 2 && time.GetElapsedTime(readings.Peek().At, now) > Window)
            readings.Dequeue();
        var before = readings.Peek();
        var seconds = time.GetElapsedTime(before.At, now).TotalSeconds;
        StageFigures[] stages = [.. progress.Stages.Select(stage => Figures(stage, before.Progress, seconds, now))];
        var unfinished = stages.Where(stage => !stage.IsDone).ToList();
        var known = unfinished.Where(stage => stage.Remaining is not null).ToList();
        // The earlier of two equal stages: MaxBy keeps the first.
        var busiest = unfinished.MaxBy(stage => stage.Busy);
        return new RunFigures(
            progress.Elapsed,
            stages,
            known.Count > 0 ? known.Max(stage => stage.Remaining) : null,
            known.Count < unfinished.Count,
            busiest?.Busy >= LeastBusy ? busiest.Progress.Stage : null,
            progress.Notice
        );
    }

    private StageFigures Figures(StageProgress stage, RunProgress before, double seconds, long now)
    {
        var earlier = before.Stages.FirstOrDefault(other => other.Stage == stage.Stage) ?? stage;
        var each = Each(stage, now);
        return new StageFigures(
            stage,
            PerSecond(stage.Items - earlier.Items, seconds),
            PerSecond(stage.BusySeconds - earlier.BusySeconds, seconds),
            each,
            stage.State == Done ? TimeSpan.Zero
                : stage.Total > 0 ? each * Math.Max(0, stage.Total - stage.Done - stage.Failed)
                : null
        );
    }

    private TimeSpan? Each(StageProgress stage, long now)
    {
        if (stage.State != Running)
        {
            starts.Remove(stage.Stage);
            return null;
        }

        // What was finished before this process or this wait says nothing about the rate.
        var finished = stage.Done + stage.Failed;
        if (!starts.TryGetValue(stage.Stage, out var start))
        {
            starts[stage.Stage] = new Start(now, finished);
            return null;
        }

        var elapsed = time.GetElapsedTime(start.At, now);
        return finished > start.Finished && elapsed > TimeSpan.Zero ? elapsed / (finished - start.Finished) : null;
    }

    private static double PerSecond(double amount, double seconds) => seconds > 0 ? Math.Max(0, amount / seconds) : 0;

    private readonly record struct Reading(long At, RunProgress Progress);

    private readonly record struct Start(long At, int Finished);
}

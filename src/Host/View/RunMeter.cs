using Pipeline.Stages.Runs;

namespace Pipeline.Host.View;

/// <summary>Makes rates, time left and bottleneck out of the reports of a run. One thread at a time.</summary>
/// <remarks>
/// Items a second and the bottleneck are measured over the last five seconds, time left over all of a stage's running time: batches may take
/// longer than a window. While a stage waits or is paused its clock does not run.
/// </remarks>
internal sealed class RunMeter(TimeProvider time)
{
    private const string Running = "running";
    private const string Done = "done";
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
        var unfinished = stages.Where(stage => stage.Progress.State != Done).ToList();
        var known = unfinished.Where(stage => stage.Remaining is not null).ToList();
        // The earlier of two equal stages: MaxBy keeps the first.
        var busiest = stages.MaxBy(stage => stage.Busy);
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
        return new StageFigures(
            stage,
            PerSecond(stage.Items - earlier.Items, seconds),
            PerSecond(stage.BusySeconds - earlier.BusySeconds, seconds),
            Remaining(stage, now)
        );
    }

    private TimeSpan? Remaining(StageProgress stage, long now)
    {
        var finished = stage.Done + stage.Failed;
        if (stage.State == Done)
            return TimeSpan.Zero;
        if (stage.State != Running)
        {
            starts.Remove(stage.Stage);
            return null;
        }

        // What was finished before this process or this wait says nothing about the rate.
        if (!starts.TryGetValue(stage.Stage, out var start))
        {
            starts[stage.Stage] = new Start(now, finished);
            return null;
        }

        var elapsed = time.GetElapsedTime(start.At, now);
        return stage.Total > 0 && finished > start.Finished && elapsed > TimeSpan.Zero
            ? elapsed / (finished - start.Finished) * Math.Max(0, stage.Total - finished)
            : null;
    }

    private static double PerSecond(double amount, double seconds) => seconds > 0 ? Math.Max(0, amount / seconds) : 0;

    private readonly record struct Reading(long At, RunProgress Progress);

    private readonly record struct Start(long At, int Finished);
}

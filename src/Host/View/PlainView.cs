using Pipeline.Stages.Runs;

namespace Pipeline.Host.View;

/// <summary>One line every few seconds, with every stage in it; a new notice is written at once.</summary>
internal sealed class PlainView(TextWriter output, TimeProvider time) : IRunView
{
    /// <summary>From one line to the next.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly Lock writing = new();
    private readonly RunMeter meter = new(time);
    private long? lastLine;
    private string? lastNotice;
    private RunFigures? waiting;

    /// <inheritdoc/>
    public void Report(RunProgress progress)
    {
        lock (writing)
        {
            var figures = meter.Read(progress);
            if (figures.Notice is { } notice && notice != lastNotice)
                output.WriteLine(TextTable.Clean(notice));
            lastNotice = figures.Notice;
            if (lastLine is { } last && time.GetElapsedTime(last) < Interval)
            {
                waiting = figures;
                return;
            }

            lastLine = time.GetTimestamp();
            waiting = null;
            output.WriteLine(Line(figures));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (writing)
        {
            if (waiting is { } figures)
                output.WriteLine(Line(figures));
            waiting = null;
            output.Flush();
        }
    }

    /// <summary><c>12 s, about 30 s left, bottleneck: caption | ingest 8/8 done | caption 5/8 41.0/s, fill 92 %</c>.</summary>
    internal static string Line(RunFigures figures) => string.Join(" | ", figures.Stages.Select(Stage).Prepend(figures.Summary));

    private static string Stage(StageFigures figures)
    {
        var stage = figures.Progress;
        var text = $"{stage.Stage} {figures.Finished}/{(stage.Total > 0 ? stage.Total : "?")} ";
        text += stage.State == "running" ? Amounts.Rate(figures.ItemsPerSecond) : stage.State;
        if (!double.IsNaN(stage.MicroBatchFill) && stage.State == "running")
            text += $", fill {Amounts.Share(stage.MicroBatchFill)}";
        if (stage.Quarantined > 0)
            text += $", quarantined {Amounts.Count(stage.Quarantined)}";
        return stage.Failed > 0 ? text + $", failed {stage.Failed}" : text;
    }
}

using Pipeline.Stages.Runs;

namespace Pipeline.Host.View;

/// <summary>A line every few seconds with the stages that work; at once a line when a stage is done, and a new notice.</summary>
internal sealed class PlainView(TextWriter output, TimeProvider time) : IRunView
{
    /// <summary>From one line to the next.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private const int ElapsedCells = 10; // "9 min 59 s": times stand below each other

    private readonly Lock writing = new();
    private readonly RunMeter meter = new(time);
    private readonly HashSet<string> told = new(StringComparer.Ordinal);
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
                Write(figures, TextTable.Clean(notice));
            lastNotice = figures.Notice;
            foreach (var stage in figures.Stages.Where(stage => stage.IsDone && told.Add(stage.Progress.Stage)))
                Write(figures, DoneLine(stage.Progress));
            // The first report has no rates yet; its line would say nothing.
            if ((lastLine ??= time.GetTimestamp()) is var last && time.GetElapsedTime(last) < Interval)
            {
                waiting = figures;
                return;
            }

            lastLine = time.GetTimestamp();
            waiting = null;
            WriteWorking(figures);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (writing)
        {
            if (waiting is { } figures)
                WriteWorking(figures);
            waiting = null;
            output.Flush();
        }
    }

    /// <summary><c>caption 5/8, 41.0 images/s, fill 92 % | train 3/20 epochs, 2.4 s per epoch | about 30 s left, bottleneck caption</c>; empty when all is done.</summary>
    internal static string WorkingLine(RunFigures figures)
    {
        var unfinished = figures.Stages.Where(stage => !stage.IsDone).ToList();
        var working = unfinished.Where(stage => !stage.IsWaiting).ToList();
        // When every stage waits, the first one's reason tells what the run waits for.
        var shown = working.Count > 0 ? working : [.. unfinished.Take(1)];
        return shown.Count == 0 ? "" : string.Join(" | ", shown.Select(Stage).Append(figures.Outlook).Where(part => part.Length > 0));
    }

    private static string DoneLine(StageProgress stage)
    {
        var parts = new List<string> { $"{stage.Stage} done" };
        if (stage.Items > 0)
            parts.Add($"{Amounts.Count(stage.Items)} {(stage.Items == 1 ? "row" : "rows")}");
        if (stage.Reused > 0)
            parts.Add($"{stage.Reused} of {stage.Done} batches were there");
        return string.Join(", ", parts.Concat(Losses(stage)));
    }

    private static string Stage(StageFigures figures)
    {
        var stage = figures.Progress;
        var count = stage.Step == "batch" ? figures.Count : $"{figures.Count} {stage.Step}s";
        List<string> parts = [$"{stage.Stage} {count}", stage.State == "running" ? figures.Rate : stage.State];
        if (!double.IsNaN(stage.MicroBatchFill))
            parts.Add($"fill {Amounts.Share(stage.MicroBatchFill)}");
        return string.Join(", ", parts.Concat(Losses(stage)).Where(part => part.Length > 0));
    }

    private static IEnumerable<string> Losses(StageProgress stage)
    {
        if (stage.Quarantined > 0)
            yield return $"{Amounts.Count(stage.Quarantined)} quarantined";
        if (stage.Failed > 0)
            yield return $"{Amounts.Count(stage.Failed)} failed";
    }

    private void WriteWorking(RunFigures figures)
    {
        if (WorkingLine(figures) is { Length: > 0 } line)
            Write(figures, line);
    }

    private void Write(RunFigures figures, string text) =>
        output.WriteLine($"{Amounts.Duration(figures.Elapsed).PadLeft(ElapsedCells)}  {text}");
}

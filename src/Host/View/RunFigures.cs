using Pipeline.Stages.Runs;

namespace Pipeline.Host.View;

/// <summary>A stage's progress with what was measured over the last seconds.</summary>
/// <param name="Progress">As reported.</param>
/// <param name="ItemsPerSecond">Over the window; 0 before there is a second report.</param>
/// <param name="Busy">Workers at work on average over the window; 1 is one worker all the time.</param>
/// <param name="Each">Mean time from one finished batch or step to the next while it ran; null before the first.</param>
/// <param name="Remaining">Time to its end at its own rate; zero when done, null when nothing tells.</param>
internal sealed record StageFigures(StageProgress Progress, double ItemsPerSecond, double Busy, TimeSpan? Each, TimeSpan? Remaining)
{
    /// <summary>Finished batches or steps of all, 0 to 1; 0 while their number is not known.</summary>
    public double Share => Progress.Total > 0 ? Math.Min(1, (double)Finished / Progress.Total) : 0;

    /// <summary>Batches or steps done or failed.</summary>
    public int Finished => Progress.Done + Progress.Failed;

    /// <summary>Nothing more will come of the stage.</summary>
    public bool IsDone => Progress.State == RunMeter.Done;

    /// <summary>Whether the stage waits for another.</summary>
    public bool IsWaiting => Progress.State.StartsWith("waiting", StringComparison.Ordinal);

    /// <summary><c>5/8</c>, <c>5/?</c> while their number is not known.</summary>
    public string Count => $"{Finished}/{(Progress.Total > 0 ? Progress.Total : "?")}";

    /// <summary><c>41.3 images/s</c> or, for what goes in steps, <c>3.1 s per epoch</c>; empty when nothing tells.</summary>
    public string Rate =>
        Progress.Step == "batch" ? (ItemsPerSecond > 0 ? $"{Amounts.PerSecond(ItemsPerSecond)} images/s" : "")
        : Each is { } each ? $"{Amounts.Seconds(each)} per {Progress.Step}"
        : "";
}

/// <summary>What the views show of a run at one moment.</summary>
/// <param name="Elapsed">As reported.</param>
/// <param name="Stages">In the order of the pipeline.</param>
/// <param name="Remaining">That of the slowest stage; null when no stage tells.</param>
/// <param name="IsLeast">Whether some unfinished stage tells nothing, so that it may take longer.</param>
/// <param name="Bottleneck">The stage with the most work in a second of wall time; null when none works.</param>
/// <param name="Notice">As reported.</param>
internal sealed record RunFigures(
    TimeSpan Elapsed,
    IReadOnlyList<StageFigures> Stages,
    TimeSpan? Remaining,
    bool IsLeast,
    string? Bottleneck,
    string? Notice
)
{
    /// <summary>What stands under the table after the elapsed time: <c>about 8 s left, bottleneck caption</c>; empty when nothing tells.</summary>
    public string Outlook
    {
        get
        {
            List<string> parts = [];
            if (Remaining is { } time && time >= TimeSpan.FromSeconds(1))
                parts.Add($"{(IsLeast ? "at least" : "about")} {Amounts.Duration(time)} left");
            if (Bottleneck is { } stage)
                parts.Add($"bottleneck {stage}");
            return string.Join(", ", parts);
        }
    }
}

using Pipeline.Stages.Runs;

namespace Pipeline.Host.View;

/// <summary>A stage's progress with what was measured over the last seconds.</summary>
/// <param name="Progress">As reported.</param>
/// <param name="ItemsPerSecond">Over the window; 0 before there is a second report.</param>
/// <param name="Busy">Workers at work on average over the window; 1 is one worker all the time.</param>
/// <param name="Remaining">Time to its end at its own rate; zero when done, null when nothing tells.</param>
internal sealed record StageFigures(StageProgress Progress, double ItemsPerSecond, double Busy, TimeSpan? Remaining)
{
    /// <summary>Finished batches of all, 0 to 1; 0 while their number is not known.</summary>
    public double Share => Progress.Total > 0 ? Math.Min(1, (double)Finished / Progress.Total) : 0;

    /// <summary>Batches done or failed.</summary>
    public int Finished => Progress.Done + Progress.Failed;
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
    /// <summary>The line under the table: <c>3 min 05 s, about 8 s left, bottleneck: caption</c>.</summary>
    public string Summary
    {
        get
        {
            var left = Remaining is { } time ? $", {(IsLeast ? "at least" : "about")} {Amounts.Duration(time)} left" : "";
            return Amounts.Duration(Elapsed) + left + (Bottleneck is null ? "" : $", bottleneck: {Bottleneck}");
        }
    }
}

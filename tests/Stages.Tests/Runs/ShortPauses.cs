namespace Pipeline.Stages.Tests.Runs;

/// <summary>A clock whose timers go a hundred times as fast, so that what waits for a minute is seen within a second.</summary>
internal sealed class ShortPauses : TimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(
            callback,
            state,
            dueTime > TimeSpan.Zero ? dueTime / 100 : dueTime,
            period > TimeSpan.Zero ? period / 100 : period
        );
}

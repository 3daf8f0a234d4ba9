using Pipeline.Stages.Runs;

namespace Pipeline.Host.Tests.View;

/// <summary>Made-up reports.</summary>
internal static class Progress
{
    public static RunProgress Of(params StageProgress[] stages) => new() { Elapsed = TimeSpan.FromSeconds(12), Stages = stages };

    public static StageProgress Stage(string name, int done, int total, long items = 0, double busy = 0, string state = "running") =>
        new()
        {
            Stage = name,
            Done = done,
            Total = total,
            Items = items,
            BusySeconds = busy,
            State = state,
        };
}

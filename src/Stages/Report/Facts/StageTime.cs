using Pipeline.Stages.Flow;

namespace Pipeline.Stages.Report.Facts;

/// <summary>How long a stage was at work. Measured: no two runs give the same.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Parts">Batches or epochs, or 1.</param>
/// <param name="Rows">Rows that came of them; 0 where there are none.</param>
/// <param name="Active">Wall time in which at least one of its parts was at work, waits of this program's own making included.</param>
/// <param name="Cost">Its part of the machine's time: each moment divided equally among the stages at work in it, so that costs add up to the whole.</param>
/// <param name="Bytes">What it wrote into shards and files.</param>
public sealed record StageTime(string Stage, int Parts, long Rows, TimeSpan Active, TimeSpan Cost, long Bytes);

/// <summary>The times of a run's stages.</summary>
/// <param name="Stages">Those that left a time, in the pipeline's order.</param>
/// <param name="Active">Wall time in which at least one stage was at work: pauses between sessions do not count.</param>
public sealed record RunTimes(IReadOnlyList<StageTime> Stages, TimeSpan Active)
{
    /// <summary>The stage that was at work longest; null when no stage left a time.</summary>
    public StageTime? Bottleneck => Stages.MaxBy(stage => stage.Active);

    /// <summary>Reads them from the logs that stages leave; the report's own is left out.</summary>
    public static async Task<RunTimes> ReadAsync(ReportSource source, CancellationToken stop)
    {
        var logs = new List<WorkLog>();
        foreach (var stage in source.Pipeline.Stages.Where(stage => stage.Kind is not ReportKind))
        {
            foreach (var uri in await source.Store.ListAsync($"runs/{source.Run}/{stage.Name}/", stop))
            {
                if (uri.EndsWith(WorkLog.Ending, StringComparison.Ordinal) && await WorkLog.ReadAsync(source.Store, uri, stop) is { } log)
                    logs.Add(log);
            }
        }

        return Of(logs);
    }

    /// <summary>Of the logs of all stages, a stage's together.</summary>
    public static RunTimes Of(IReadOnlyCollection<WorkLog> logs)
    {
        var sweep = new Sweep();
        foreach (var (at, stage, step) in logs.SelectMany(Ends).OrderBy(end => end.At))
            sweep.Pass(at, stage, step);
        return new RunTimes(
            [
                .. logs.GroupBy(log => log.Stage, StringComparer.Ordinal)
                    .Select(stage => new StageTime(
                        stage.Key,
                        stage.Count(),
                        stage.Sum(log => log.Rows),
                        sweep.Active.GetValueOrDefault(stage.Key),
                        sweep.Costs.GetValueOrDefault(stage.Key),
                        stage.Sum(log => log.Bytes)
                    )),
            ],
            sweep.Whole
        );
    }

    private static IEnumerable<(DateTimeOffset At, string Stage, int Step)> Ends(WorkLog log) =>
        [(log.At - TimeSpan.FromSeconds(log.Seconds), log.Stage, 1), (log.At, log.Stage, -1)];

    /// <summary>Goes through time from one beginning or end of work to the next.</summary>
    private sealed class Sweep
    {
        private readonly Dictionary<string, int> working = new(StringComparer.Ordinal);
        private DateTimeOffset last;

        public Dictionary<string, TimeSpan> Active { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, TimeSpan> Costs { get; } = new(StringComparer.Ordinal);

        public TimeSpan Whole { get; private set; }

        public void Pass(DateTimeOffset at, string stage, int step)
        {
            foreach (var name in working.Keys)
            {
                Active[name] = Active.GetValueOrDefault(name) + (at - last);
                Costs[name] = Costs.GetValueOrDefault(name) + ((at - last) / working.Count);
            }

            Whole += working.Count > 0 ? at - last : TimeSpan.Zero;
            last = at;
            working[stage] = working.GetValueOrDefault(stage) + step;
            if (working[stage] == 0)
                working.Remove(stage);
        }
    }
}

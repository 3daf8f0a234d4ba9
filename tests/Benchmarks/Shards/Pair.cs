using System.Diagnostics;

namespace Pipeline.Benchmarks.Shards;

/// <summary>Medians of two ways to do one thing, in seconds.</summary>
/// <param name="Ours">Median of ours.</param>
/// <param name="Theirs">Median of the reference.</param>
internal sealed record Pair(double Ours, double Theirs)
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    /// <summary>Our speed by theirs.</summary>
    public double Ratio => Theirs / Ours;

    /// <summary>Runs both in interleaved rounds, after a warm-up of two seconds in which the code is compiled; which one is first alternates.</summary>
    /// <param name="rounds">Measured ones.</param>
    /// <param name="prepare">Called before each round, unmeasured.</param>
    /// <param name="ours">Takes the number of the round.</param>
    /// <param name="theirs">Likewise.</param>
    public static async Task<Pair> MeasureAsync(int rounds, Action<int> prepare, Func<int, Task> ours, Action<int> theirs)
    {
        var ourSeconds = new List<double>();
        var theirSeconds = new List<double>();
        var start = Stopwatch.GetTimestamp();
        for (var round = 0; Stopwatch.GetElapsedTime(start) < WarmUp || round < rounds / 5; round++)
            await RoundAsync(round, [], []);
        for (var round = 0; round < rounds; round++)
            await RoundAsync(round, ourSeconds, theirSeconds);
        return new Pair(Median(ourSeconds), Median(theirSeconds));

        async Task RoundAsync(int round, List<double> our, List<double> their)
        {
            prepare(round);
            if (round % 2 == 0)
                await TimeAsync(() => ours(round), our);
            var began = Stopwatch.GetTimestamp();
            theirs(round);
            their.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
            if (round % 2 == 1)
                await TimeAsync(() => ours(round), our);
        }
    }

    /// <summary>Speeds of both in MB/s, for that many megabytes a run.</summary>
    public object Figures(double megabytes) =>
        new
        {
            ratio = Math.Round(Ratio, 3),
            ours_mb_s = Math.Round(megabytes / Ours),
            parquetsharp_mb_s = Math.Round(megabytes / Theirs),
        };

    internal static double Median(IEnumerable<double> values) => values.Order().ToArray() is var sorted ? sorted[sorted.Length / 2] : 0;

    private static async Task TimeAsync(Func<Task> run, List<double> seconds)
    {
        var start = Stopwatch.GetTimestamp();
        await run();
        seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
    }
}

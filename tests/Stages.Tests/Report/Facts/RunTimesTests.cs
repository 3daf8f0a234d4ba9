using Pipeline.Stages.Flow;
using Pipeline.Stages.Report.Facts;

namespace Pipeline.Stages.Tests.Report.Facts;

public sealed class RunTimesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Overlapping_work_counts_once_pauses_not_at_all_and_costs_add_up_to_the_whole()
    {
        WorkLog[] logs =
        [
            Log("edit", 0, from: 0, to: 10),
            Log("edit", 1, from: 5, to: 12),
            Log("edit", 2, from: 6, to: 7),
            Log("edit", 3, from: 100, to: 103),
            Log("filter", 0, from: 11, to: 14),
        ];

        var times = RunTimes.Of(logs);

        times
            .Stages.Should()
            .Equal(
                new StageTime("edit", 4, 40, TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(14.5), 400),
                new StageTime("filter", 1, 10, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(2.5), 100)
            );
        times.Active.Should().Be(TimeSpan.FromSeconds(17));
        times.Bottleneck.Should().Be(times.Stages[0]);
    }

    [Fact]
    public void Run_without_times_has_no_bottleneck()
    {
        var times = RunTimes.Of([]);

        times.Bottleneck.Should().BeNull();
        times.Active.Should().Be(TimeSpan.Zero);
    }

    private static WorkLog Log(string stage, int batch, double from, double to) =>
        new(stage, batch, 1, 10, 100, to - from, Noon.AddSeconds(to));
}

using Pipeline.Host.View;

namespace Pipeline.Host.Tests.View;

public sealed class RunMeterTests
{
    private readonly ManualTime time = new();
    private readonly RunMeter meter;

    public RunMeterTests() => meter = new RunMeter(time);

    [Fact]
    public void Rate_is_that_of_the_last_seconds()
    {
        meter.Read(Progress.Of(Progress.Stage("edit", 0, 10, items: 0)));
        time.Advance(100);
        meter.Read(Progress.Of(Progress.Stage("edit", 0, 10, items: 1000)));
        time.Advance(4);

        var figures = meter.Read(Progress.Of(Progress.Stage("edit", 0, 10, items: 1100)));

        figures.Stages[0].ItemsPerSecond.Should().Be(25);
    }

    [Fact]
    public void First_report_has_no_rate_no_time_left_and_no_bottleneck()
    {
        var figures = meter.Read(Progress.Of(Progress.Stage("edit", 3, 10, items: 50, busy: 9)));

        figures.Stages[0].ItemsPerSecond.Should().Be(0);
        figures.Remaining.Should().BeNull();
        figures.Bottleneck.Should().BeNull();
    }

    [Fact]
    public void Time_left_is_that_of_the_slowest_stage()
    {
        meter.Read(Progress.Of(Progress.Stage("caption", 2, 10), Progress.Stage("edit", 0, 10)));
        time.Advance(10);

        var figures = meter.Read(Progress.Of(Progress.Stage("caption", 6, 10), Progress.Stage("edit", 2, 10)));

        figures.Stages[0].Remaining.Should().Be(TimeSpan.FromSeconds(10));
        figures.Remaining.Should().Be(TimeSpan.FromSeconds(40));
        figures.IsLeast.Should().BeFalse();
    }

    [Fact]
    public void Failed_batches_are_finished_too()
    {
        meter.Read(Progress.Of(Progress.Stage("edit", 0, 10)));
        time.Advance(10);

        var figures = meter.Read(Progress.Of(Progress.Stage("edit", 3, 10) with { Failed = 2 }));

        figures.Remaining.Should().Be(TimeSpan.FromSeconds(10));
        figures.Stages[0].Share.Should().Be(0.5);
    }

    [Fact]
    public void Waiting_does_not_slow_a_stage_down()
    {
        meter.Read(Progress.Of(Progress.Stage("edit", 0, 4, state: "waiting for domains")));
        time.Advance(1000);
        meter.Read(Progress.Of(Progress.Stage("edit", 0, 4)));
        time.Advance(5);

        var figures = meter.Read(Progress.Of(Progress.Stage("edit", 1, 4)));

        figures.Remaining.Should().Be(TimeSpan.FromSeconds(15));
    }

    [Theory]
    [InlineData("waiting for domains", 10)]
    [InlineData("paused: disk full", 10)]
    [InlineData("running", 0)]
    public void Stage_that_tells_nothing_makes_it_at_least(string state, int total)
    {
        meter.Read(Progress.Of(Progress.Stage("caption", 0, 10), Progress.Stage("edit", 0, total, state: state)));
        time.Advance(10);

        var figures = meter.Read(Progress.Of(Progress.Stage("caption", 5, 10), Progress.Stage("edit", 0, total, state: state)));

        figures.Remaining.Should().Be(TimeSpan.FromSeconds(10));
        figures.IsLeast.Should().BeTrue();
    }

    [Fact]
    public void Bottleneck_does_the_most_work_of_late()
    {
        meter.Read(Progress.Of(Progress.Stage("caption", 0, 10, busy: 500), Progress.Stage("edit", 0, 10)));
        time.Advance(4);

        var figures = meter.Read(Progress.Of(Progress.Stage("caption", 0, 10, busy: 501), Progress.Stage("edit", 0, 10, busy: 6)));

        figures.Bottleneck.Should().Be("edit");
        figures.Stages[1].Busy.Should().Be(1.5);
    }

    [Fact]
    public void Stage_that_is_done_is_no_bottleneck()
    {
        meter.Read(Progress.Of(Progress.Stage("train", 1, 2), Progress.Stage("report", 0, 1)));
        time.Advance(4);

        var figures = meter.Read(
            Progress.Of(Progress.Stage("train", 2, 2, busy: 4, state: "done"), Progress.Stage("report", 0, 1, busy: 0.1))
        );

        figures.Bottleneck.Should().Be("report");
    }

    [Fact]
    public void What_goes_in_steps_has_a_time_per_step_in_place_of_a_rate()
    {
        meter.Read(Progress.Of(Progress.Stage("train", 4, 20) with { Step = "epoch" }));
        time.Advance(9);

        var figures = meter.Read(Progress.Of(Progress.Stage("train", 7, 20) with { Step = "epoch" }));

        figures.Stages[0].Rate.Should().Be("3.0 s per epoch");
        figures.Remaining.Should().Be(TimeSpan.FromSeconds(39));
    }

    [Fact]
    public void Done_run_has_no_time_left_to_tell()
    {
        var figures = meter.Read(Progress.Of(Progress.Stage("edit", 10, 10, state: "done")));

        figures.Remaining.Should().BeNull();
        figures.Outlook.Should().BeEmpty();
    }
}

using Pipeline.Stages.Flow;

namespace Pipeline.Stages.Tests.Flow;

public sealed class StageMeterTests
{
    private readonly StageMeter meter = new();

    [Fact]
    public void Nothing_is_counted_at_the_beginning_and_there_is_no_fill()
    {
        (meter.Batches, meter.Reused, meter.Failed, meter.Items, meter.Quarantined, meter.Calls).Should().Be((0, 0, 0, 0L, 0L, 0L));
        meter.Busy.Should().Be(TimeSpan.Zero);
        meter.Fill.Should().Be(double.NaN);
    }

    [Fact]
    public void Batches_are_counted_with_their_rows_and_reused_ones_among_them()
    {
        meter.Finished(10, 2, wasThere: false);
        meter.Finished(5, 0, wasThere: true);
        meter.Broke();

        (meter.Batches, meter.Reused, meter.Failed, meter.Items, meter.Quarantined).Should().Be((2, 1, 1, 15L, 2L));
    }

    [Fact]
    public void Fill_is_the_share_of_places_that_held_an_item()
    {
        meter.Called(8, 8);
        meter.Called(1, 8);

        (meter.Calls, meter.Fill).Should().Be((2L, 9 / 16.0));
    }

    [Fact]
    public void Calls_that_lacked_memory_are_counted()
    {
        meter.LackedMemory();
        meter.LackedMemory();

        meter.CallsWithoutMemory.Should().Be(2);
    }

    [Fact]
    public async Task Time_is_summed_over_threads()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Repeat(1000))));

        meter.Busy.Should().Be(TimeSpan.FromTicks(4000));
    }

    private void Repeat(int times)
    {
        for (var time = 0; time < times; time++)
        {
            meter.Worked(TimeSpan.FromTicks(1));
        }
    }
}

using Pipeline.Stages.Runs;

namespace Pipeline.Stages.Tests.Runs;

public sealed class BatchCreditsTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Batch_that_is_finished_before_ingest_comes_to_it_costs_no_credit()
    {
        var credits = new BatchCredits(1);

        credits.Return(7);
        await credits.TakeAsync(7, 0, CancellationToken.None).WaitAsync(Limit);

        credits.Free.Should().Be(1);
    }

    [Theory]
    [InlineData(1, 1)] // as many as may be
    [InlineData(100, 60)] // as many bytes as may be: 40 and 60 are 100
    public async Task What_is_within_the_bounds_goes_on_at_once(int batches, long size)
    {
        var credits = new BatchCredits(batches + 1, bytes: 100);

        await credits.TakeAsync(0, 40, CancellationToken.None).WaitAsync(Limit);
        var second = credits.TakeAsync(1, size, CancellationToken.None);

        second.IsCompletedSuccessfully.Should().BeTrue();
    }

    [Theory]
    [InlineData(1, 1)] // a batch too many
    [InlineData(100, 61)] // a byte too many
    public async Task What_is_above_a_bound_waits_until_a_batch_is_finished(int batches, long size)
    {
        var credits = new BatchCredits(batches, bytes: 100);

        await credits.TakeAsync(0, 40, CancellationToken.None).WaitAsync(Limit);
        var second = credits.TakeAsync(1, size, CancellationToken.None);
        var waited = !second.IsCompleted;
        credits.Return(0);
        await second.WaitAsync(Limit);

        waited.Should().BeTrue();
    }

    [Fact]
    public async Task Batch_that_is_larger_than_the_bound_goes_alone()
    {
        var credits = new BatchCredits(10, bytes: 100);

        await credits.TakeAsync(0, 500, CancellationToken.None).WaitAsync(Limit);
        var second = credits.TakeAsync(1, 1, CancellationToken.None);

        second.IsCompleted.Should().BeFalse();
    }

    [Fact]
    public async Task Wait_ends_when_it_is_asked_to_stop()
    {
        var credits = new BatchCredits(1);
        using var stop = new CancellationTokenSource();
        await credits.TakeAsync(0, 0, CancellationToken.None).WaitAsync(Limit);
        var waiting = credits.TakeAsync(1, 0, stop.Token);

        await stop.CancelAsync();

        await waiting.Invoking(wait => wait).Should().ThrowAsync<OperationCanceledException>();
    }
}

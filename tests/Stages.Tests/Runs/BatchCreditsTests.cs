using Pipeline.Stages.Runs;

namespace Pipeline.Stages.Tests.Runs;

public sealed class BatchCreditsTests
{
    [Fact]
    public async Task Batch_that_is_finished_before_ingest_comes_to_it_costs_no_credit()
    {
        using var credits = new BatchCredits(1);

        credits.Return();
        await credits.TakeAsync(CancellationToken.None);

        credits.Free.Should().Be(1);
    }

    [Fact]
    public async Task Bound_lets_no_more_batches_through()
    {
        using var credits = new BatchCredits(2);

        await credits.TakeAsync(CancellationToken.None);
        await credits.TakeAsync(CancellationToken.None);
        var third = credits.TakeAsync(CancellationToken.None);
        var waited = !third.IsCompleted;
        credits.Return();
        await third;

        waited.Should().BeTrue();
    }
}

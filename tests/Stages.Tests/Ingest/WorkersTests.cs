using Pipeline.Stages.Ingest;

namespace Pipeline.Stages.Tests.Ingest;

public sealed class WorkersTests
{
    [Theory]
    [InlineData(0, 4)]
    [InlineData(3, 8)]
    [InlineData(1000, 3)]
    public async Task Results_stand_in_the_order_of_the_works(int count, int workers)
    {
        var (running, most) = (0, 0);

        var results = await Workers.SelectAsync(
            count,
            workers,
            async work =>
            {
                most = Math.Max(most, Interlocked.Increment(ref running));
                await Task.Yield();
                Interlocked.Decrement(ref running);
                return work * 2;
            },
            CancellationToken.None
        );

        results.Should().Equal(Enumerable.Range(0, count).Select(work => work * 2));
        most.Should().BeLessThanOrEqualTo(workers);
    }

    [Fact]
    public async Task Stop_ends_between_two_works()
    {
        using var stop = new CancellationTokenSource();
        var works = 0;

        var all = () =>
            Workers.SelectAsync(
                1000,
                1,
                async work =>
                {
                    works++;
                    await stop.CancelAsync();
                    return work;
                },
                stop.Token
            );

        await all.Should().ThrowAsync<OperationCanceledException>();
        works.Should().Be(1);
    }
}

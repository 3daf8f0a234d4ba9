using Pipeline.Stages.Flow;
using Pipeline.Stages.Tests.Transport;

namespace Pipeline.Stages.Tests.Flow;

/// <summary>Two runs on one host.</summary>
public sealed class FairRunsTests
{
    private const int Few = 10;

    private readonly StageLanes lanes = new();
    private int bigCalls;
    private int smallCalls;
    private int bigCallsAtTheEndOfSmall;

    [Theory]
    [InlineData(10, 10, 8, 12)]
    [InlineData(10, 30, 2, 6)]
    public async Task A_run_of_1000_batches_does_not_starve_one_of_10(int bigWeight, int smallWeight, int least, int most)
    {
        await using var big = await FlowSite.OpenAsync();
        await using var small = await FlowSite.OpenAsync();
        using var limit = new CancellationTokenSource(Deliveries.Limit);
        await PublishAsync(big, 1000);
        await PublishAsync(small, Few);

        await using var first = await StartAsync(big, bigWeight, () => _ = Interlocked.Increment(ref bigCalls), limit.Token);
        await using var second = await StartAsync(small, smallWeight, CountSmall, limit.Token);

        (await small.ReadyAsync(Few)).Should().HaveCount(Few);
        bigCallsAtTheEndOfSmall.Should().BeInRange(least, most);
    }

    private void CountSmall()
    {
        if (Interlocked.Increment(ref smallCalls) == Few)
        {
            bigCallsAtTheEndOfSmall = Volatile.Read(ref bigCalls);
        }
    }

    /// <summary>Starts a graph whose calls last until both runs wait for the next turn, as they do where calls are long.</summary>
    private Task<RunningGraph> StartAsync(FlowSite site, int weight, Action count, CancellationToken limit) =>
        site.StartAsync(
            new Shout
            {
                During = async stop =>
                {
                    count();
                    while (lanes.RunsWaiting < 2 && Volatile.Read(ref smallCalls) < Few && !stop.IsCancellationRequested)
                    {
                        limit.ThrowIfCancellationRequested();
                        await Task.Yield();
                    }
                },
            },
            new FlowOptions(MicroBatch: 1, Workers: 1, Lanes: 1, Prefetch: 4),
            site.Context() with
            {
                Lanes = lanes,
                Weight = weight,
            }
        );

    private static async Task PublishAsync(FlowSite site, int batches)
    {
        for (var batch = 0; batch < batches; batch++)
        {
            await site.PublishAsync(batch, "word");
        }
    }
}

using Pipeline.Messages;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Tests.Transport;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Tests.Runs;

/// <summary>Messages that come twice, and work that outlasts them.</summary>
public sealed class WholeStageRunnerTests
{
    private static readonly TimeSpan Third = TimeSpan.FromSeconds(20);

    private readonly TaskCompletionSource entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> release = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task Equal_ends_told_again_in_any_order_are_told_on_without_work_and_another_content_is_worked_on()
    {
        var kind = Writes();
        await using var site = await WholeStageSite.StartAsync(kind);
        await site.DrainedAsync("second", "b");
        await site.DrainedAsync("first", "a");
        var first = await site.ToldAsync();

        await site.DrainedAsync("first", "a");
        await site.DrainedAsync("second", "b");
        string[] again = [await site.ToldAsync(), await site.ToldAsync()];
        var times = kind.Times;
        await site.DrainedAsync("second", "c");
        var other = await site.ToldAsync();

        again.Append(first).Append(other).Should().AllBe(nameof(StageDrained));
        (times, kind.Times).Should().Be((1, 2));
        (await site.DepthAsync(0, 0)).Should().Be(new QueueDepth(0, 0));
    }

    [Fact]
    public async Task Work_of_less_than_a_third_of_the_time_out_is_told_before_it_is_acknowledged()
    {
        await using var site = await WholeStageSite.StartAsync(Held(), timesOut: true);
        await BeginAsync(site);

        site.Clock.Advance(Third - TimeSpan.FromTicks(1));

        (await site.DepthAsync(0, 1)).Should().Be(new QueueDepth(0, 1));
        release.SetResult(true);
        (await site.ToldAsync()).Should().Be(nameof(StageDrained));
        (await site.DepthAsync(0, 0)).Should().Be(new QueueDepth(0, 0));
    }

    [Fact]
    public async Task Longer_work_is_acknowledged_before_it_is_done_and_done_once()
    {
        var kind = Held();
        await using var site = await WholeStageSite.StartAsync(kind, timesOut: true);
        await BeginAsync(site);

        site.Clock.Advance(Third);

        (await site.DepthAsync(0, 0)).Should().Be(new QueueDepth(0, 0));
        site.Waiting.Should().Be(0);
        release.SetResult(true);
        (await site.ToldAsync()).Should().Be(nameof(StageDrained));
        (await site.FailedAsync(0)).Should().Be(new QueueDepth(0, 0));
        (kind.Times, site.Waiting).Should().Be((1, 0));
    }

    [Fact]
    public async Task A_message_that_waits_for_longer_work_is_acknowledged_too_and_not_forgotten()
    {
        await using var site = await WholeStageSite.StartAsync(Held(), timesOut: true);
        await BeginAsync(site);
        await site.DrainedAsync("first", "a");
        await site.Clock.TimersAsync(2);

        site.Clock.Advance(Third);

        (await site.DepthAsync(0, 0)).Should().Be(new QueueDepth(0, 0));
        release.SetResult(true);
        (await site.ToldAsync()).Should().Be(nameof(StageDrained));
        (await site.ToldAsync()).Should().Be(nameof(StageDrained));
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    public async Task A_failure_is_recorded_and_told_whether_its_message_was_acknowledged_or_not(bool longer, int failed)
    {
        await using var site = await WholeStageSite.StartAsync(Held(), timesOut: true);
        await BeginAsync(site);
        if (longer)
        {
            site.Clock.Advance(Third);
            await site.DepthAsync(0, 0);
        }

        release.SetResult(false);

        (await site.ToldAsync()).Should().Be(nameof(BatchFailed));
        (await site.DepthAsync(0, 0)).Should().Be(new QueueDepth(0, 0));
        (await site.FailedAsync(failed)).Should().Be(new QueueDepth(failed, 0));
        (await site.Run.Shards.FailedAsync("sum", CancellationToken.None)).Should().Equal(0);
        site.Waiting.Should().Be(0);
    }

    private static SumKind Writes() =>
        new(async site =>
        {
            await site.Run.Store.WriteAsync("sum.txt", "1"u8.ToArray());
            return new WholeResult(1, ["sum.txt"]);
        });

    /// <summary>Work that lasts until it is released, and fails when it is told to.</summary>
    private SumKind Held() =>
        new(async site =>
        {
            entered.TrySetResult();
            if (!await release.Task.WaitAsync(Deliveries.Limit))
            {
                throw new InvalidOperationException("there is nothing to add");
            }

            await site.Run.Store.WriteAsync("sum.txt", "1"u8.ToArray());
            return new WholeResult(1, ["sum.txt"]);
        });

    private async Task BeginAsync(WholeStageSite site)
    {
        await site.DrainedAsync("first", "a");
        await site.DrainedAsync("second", "b");
        await entered.Task.WaitAsync(Deliveries.Limit);
    }
}

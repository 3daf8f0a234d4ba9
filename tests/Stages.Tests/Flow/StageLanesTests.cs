using Pipeline.Stages.Flow;
using Pipeline.Stages.Tests.Transport;

namespace Pipeline.Stages.Tests.Flow;

/// <summary>Whose turn it is.</summary>
public sealed class StageLanesTests
{
    private readonly StageLanes lanes = new();
    private readonly List<string> turns = [];

    [Theory]
    [InlineData(10, 10, "ababababab")]
    [InlineData(30, 10, "abaaabaaabaa")]
    [InlineData(3, 1, "abaaabaaabaa")]
    [InlineData(1, 100, "abbbbbbbbbbb")]
    public async Task Runs_that_always_wait_have_turns_in_proportion_to_their_weights(int weight, int other, string expected)
    {
        using var a = lanes.Join(1, weight);
        using var b = lanes.Join(1, other);

        await TurnsAsync(expected.Length, ("a", a), ("b", b));

        string.Concat(turns).Should().Be(expected);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1)]
    public async Task A_run_that_comes_late_is_next_and_makes_up_for_nothing(int weight)
    {
        using var early = lanes.Join(1, weight);
        await TurnsAsync(1000, ("e", early));
        turns.Clear();

        using var late = lanes.Join(1, weight);
        await TurnsAsync(6, ("e", early), ("l", late));

        string.Concat(turns).Should().Be("elelel");
    }

    [Fact]
    public async Task A_run_that_had_no_work_for_a_while_makes_up_for_nothing_either()
    {
        using var busy = lanes.Join(1, 10);
        using var idle = lanes.Join(1, 10);
        await TurnsAsync(2, ("b", busy), ("i", idle));
        await TurnsAsync(500, ("b", busy));
        turns.Clear();

        await TurnsAsync(6, ("b", busy), ("i", idle));

        string.Concat(turns).Should().Be("bibibi");
    }

    [Fact]
    public async Task One_who_waits_and_is_cancelled_leaves_no_hole()
    {
        using var a = lanes.Join(1, 10);
        using var b = lanes.Join(1, 10);
        using var stop = new CancellationTokenSource();
        await a.TakeAsync(CancellationToken.None);
        var given = b.TakeAsync(stop.Token).AsTask();
        var next = a.TakeAsync(CancellationToken.None).AsTask();

        await stop.CancelAsync();
        var early = next.IsCompleted;
        a.GiveBack();
        await next.WaitAsync(Deliveries.Limit);
        a.GiveBack();
        var last = b.TakeAsync(CancellationToken.None);

        await ((Func<Task>)(() => given)).Should().ThrowAsync<OperationCanceledException>();
        early.Should().BeFalse();
        last.IsCompletedSuccessfully.Should().BeTrue();
    }

    [Fact]
    public async Task A_cancellation_after_the_turn_has_come_leaves_the_turn()
    {
        using var a = lanes.Join(1, 10);
        using var stop = new CancellationTokenSource();
        await a.TakeAsync(CancellationToken.None);
        var given = a.TakeAsync(stop.Token).AsTask();

        a.GiveBack();
        await stop.CancelAsync();
        var next = a.TakeAsync(CancellationToken.None).AsTask();

        await given.WaitAsync(Deliveries.Limit);
        next.IsCompleted.Should().BeFalse();
        a.GiveBack();
        await next.WaitAsync(Deliveries.Limit);
    }

    [Fact]
    public async Task There_are_as_many_turns_as_the_greatest_run_has_lanes_and_no_run_has_more_than_its_own()
    {
        using var wide = lanes.Join(3, 10);
        using var narrow = lanes.Join(1, 100);

        var first = Take(narrow, 2);
        var others = Take(wide, 3);

        first.Select(turn => turn.IsCompleted).Should().Equal(true, false);
        others.Select(turn => turn.IsCompleted).Should().Equal(true, true, false);
        wide.GiveBack();
        await others[2].WaitAsync(Deliveries.Limit);
        first[1].IsCompleted.Should().BeFalse();
        narrow.GiveBack();
        await first[1].WaitAsync(Deliveries.Limit);
    }

    [Fact]
    public async Task A_run_that_has_left_gives_its_lanes_back_and_one_with_more_brings_them()
    {
        using var narrow = lanes.Join(1, 10);
        using var other = lanes.Join(1, 10);
        await narrow.TakeAsync(CancellationToken.None);
        var waiting = other.TakeAsync(CancellationToken.None).AsTask();

        var wide = lanes.Join(2, 10);
        await waiting.WaitAsync(Deliveries.Limit);
        wide.Dispose();
        narrow.GiveBack();
        var next = narrow.TakeAsync(CancellationToken.None).AsTask();

        next.IsCompleted.Should().BeFalse();
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public void A_weight_is_1_to_100(int weight, bool good)
    {
        var join = () => lanes.Join(1, weight).Dispose();

        if (good)
        {
            join.Should().NotThrow();
        }
        else
        {
            join.Should()
                .Throw<ArgumentOutOfRangeException>()
                .WithMessage($"The weight of a run is {weight}; it must be between 1 and 100.*");
        }
    }

    [Fact]
    public void Kinds_of_stages_do_not_wait_for_each_other()
    {
        var host = new HostLanes();

        host.Of("edit").Should().BeSameAs(host.Of("edit"));
        host.Of("edit").Should().NotBeSameAs(host.Of("caption"));
    }

    private static Task[] Take(RunLane lane, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => lane.TakeAsync(CancellationToken.None).AsTask())];

    /// <summary>So many turns, each as long as nobody takes the next, of runs of which each always waits for one.</summary>
    private async Task TurnsAsync(int count, params (string Name, RunLane Lane)[] runs)
    {
        using var stop = new CancellationTokenSource();
        var asked = runs.Select(run => run.Lane.TakeAsync(stop.Token).AsTask()).ToArray();
        for (var turn = 0; turn < count; turn++)
        {
            var has = Array.IndexOf(asked, await Task.WhenAny(asked).WaitAsync(Deliveries.Limit));
            turns.Add(runs[has].Name);
            asked[has] = runs[has].Lane.TakeAsync(stop.Token).AsTask();
            runs[has].Lane.GiveBack();
        }

        // The turn that came last is given back, the others are no longer asked for.
        var left = await Task.WhenAny(asked).WaitAsync(Deliveries.Limit);
        await stop.CancelAsync();
        runs[Array.IndexOf(asked, left)].Lane.GiveBack();
        await Task.WhenAll(asked).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }
}

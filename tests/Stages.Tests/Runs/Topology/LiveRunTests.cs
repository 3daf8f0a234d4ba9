using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Topology;

namespace Pipeline.Stages.Tests.Runs.Topology;

public sealed class LiveRunTests
{
    private const string Inserted =
        "pipeline: p\nstages: { ingest: { batch: 1, unfinished: 64 }, first: {}, late: { after: first }, second: { after: late }, sum: {} }";

    private const string Branched =
        "pipeline: p\nstages: { ingest: { batch: 1, unfinished: 64 }, first: {}, second: {}, late: { after: first }, sum: { after: [second, late] } }";

    /// <summary>The first three batches pass; the others wait in the stage first.</summary>
    private static EndingKind HoldingFirst() => new("first") { Holds = uri => string.CompareOrdinal(uri, "a/0003") >= 0 };

    /// <summary>All batches pass but for the last, which waits in the stage second.</summary>
    private static EndingKind HoldingSecond() => new("second") { Holds = uri => string.CompareOrdinal(uri, "a/0005") >= 0 };

    [Fact]
    public async Task A_stage_inserted_now_takes_what_comes_to_it_and_leaves_what_went_by()
    {
        var first = HoldingFirst();
        await using var run = new LiveRun(6, first, new EndingKind("second"), new EndingKind("late"));
        await run.StartAsync();
        await LiveRun.UntilAsync(async () => (await run.BatchesAsync("second")).Count == 3);

        await run.ChangeAsync(TopologyFrom.Now, Inserted);
        first.Release();
        await run.EndAsync();

        (await run.BatchesAsync("late")).Should().Equal(3, 4, 5);
        (await run.BatchesAsync("second")).Should().Equal(0, 1, 2, 3, 4, 5);
        (await run.ParentsAsync("second", 2)).Should().Contain("first").And.NotContain("late");
        (await run.ParentsAsync("second", 3)).Should().Contain("late");
        (await run.VersionAsync("second", 2)).Should().Be(1);
        (await run.VersionAsync("first", 3)).Should().Be(2);
    }

    [Fact]
    public async Task A_stage_inserted_from_the_start_takes_all_and_what_follows_is_made_from_it()
    {
        var (first, second) = (HoldingFirst(), new EndingKind("second"));
        await using var run = new LiveRun(6, first, second, new EndingKind("late"));
        await run.StartAsync();
        await LiveRun.UntilAsync(async () => (await run.BatchesAsync("second")).Count == 3);

        await run.ChangeAsync(TopologyFrom.Start, Inserted);
        first.Release();
        await run.EndAsync();

        (await run.BatchesAsync("late")).Should().Equal(0, 1, 2, 3, 4, 5);
        for (var batch = 0; batch < 6; batch++)
        {
            (await run.ParentsAsync("second", batch)).Should().Contain("late", "batch {0} passes it", batch);
        }

        first.Calls.Should().Be(6);
        second.Calls.Should().Be(9);
    }

    [Fact]
    public async Task A_side_branch_from_the_start_runs_alone_over_what_is_there()
    {
        var (first, second, late) = (new EndingKind("first"), HoldingSecond(), new EndingKind("late"));
        await using var run = new LiveRun(6, first, second, late);
        await run.StartAsync();
        await LiveRun.UntilAsync(async () => (await run.BatchesAsync("second")).Count == 5);

        await run.ChangeAsync(TopologyFrom.Start, Branched);
        await LiveRun.UntilAsync(async () => (await run.BatchesAsync("late")).Count == 6);
        second.Release();
        await run.EndAsync();

        (first.Calls, second.Calls, late.Calls).Should().Be((6, 6, 6));
        run.Sum.Times.Should().Be(1);
    }

    [Fact]
    public async Task A_side_branch_that_nothing_comes_to_any_more_keeps_nobody_waiting()
    {
        var second = HoldingSecond();
        await using var run = new LiveRun(6, new EndingKind("first"), second, new EndingKind("late"));
        await run.StartAsync();
        await LiveRun.UntilAsync(async () => (await run.BatchesAsync("second")).Count == 5);

        await run.ChangeAsync(TopologyFrom.Now, Branched);
        second.Release();
        await run.EndAsync();

        (await run.BatchesAsync("late")).Should().BeEmpty();
        run.Sum.Times.Should().BeGreaterThan(0);
    }

    [Fact]
    public async Task A_removed_stage_still_takes_batches_that_were_stamped_before()
    {
        var (first, late) = (new EndingKind("first"), new EndingKind("late") { Holds = uri => uri == "a/0001.png" });
        await using var run = new LiveRun(3, first, new EndingKind("second"), late);
        await run.StartAsync(Inserted);
        await LiveRun.UntilAsync(async () => (await run.BatchesAsync("second")).Count == 2);

        await run.ChangeAsync(TopologyFrom.Now, LiveRun.Chain);
        late.Release();
        await run.EndAsync();

        (await run.BatchesAsync("late")).Should().Equal(0, 1, 2);
        (await run.ParentsAsync("second", 1)).Should().Contain("late");
        (await run.VersionAsync("second", 1)).Should().Be(1);
    }

    [Fact]
    public async Task Settings_changed_now_hold_for_what_comes_and_from_the_start_for_all()
    {
        var first = HoldingFirst();
        await using var run = new LiveRun(6, first, new EndingKind("second"));
        await run.StartAsync();
        await LiveRun.UntilAsync(async () => (await run.BatchesAsync("second")).Count == 3);

        await run.ChangeAsync(TopologyFrom.Now, LiveRun.Chain.Replace("second: {}", "second: { ending: '!' }", StringComparison.Ordinal));
        first.Release();
        await run.EndAsync();
        var now = await run.WordsAsync("second");

        now.Should().Equal("a/0000.png", "a/0001.png", "a/0002.png", "a/0003.png!", "a/0004.png!", "a/0005.png!");
    }

    [Fact]
    public async Task Settings_changed_from_the_start_do_all_batches_again()
    {
        var first = HoldingFirst();
        await using var run = new LiveRun(6, first, new EndingKind("second"));
        await run.StartAsync();
        await LiveRun.UntilAsync(async () => (await run.BatchesAsync("second")).Count == 3);

        await run.ChangeAsync(TopologyFrom.Start, LiveRun.Chain.Replace("second: {}", "second: { ending: '!' }", StringComparison.Ordinal));
        first.Release();
        await run.EndAsync();

        (await run.WordsAsync("second")).Should().HaveCount(6).And.OnlyContain(word => word.EndsWith('!'));
    }

    [Fact]
    public async Task A_paused_stage_takes_nothing_until_it_is_resumed()
    {
        var first = HoldingFirst();
        await using var run = new LiveRun(6, first, new EndingKind("second"));
        await run.StartAsync();
        await LiveRun.UntilAsync(async () => (await run.BatchesAsync("second")).Count == 3);

        await run.ChangeAsync(TopologyFrom.Now, LiveRun.Chain, "second");
        await run.UntilUnservedAsync("second");
        first.Release();
        await LiveRun.UntilAsync(async () => (await run.BatchesAsync("first")).Count == 6);
        await Task.Delay(TimeSpan.FromSeconds(1)); // time in which it would go on
        var paused = (await run.BatchesAsync("second")).Count;
        await run.ChangeAsync(TopologyFrom.Now, LiveRun.Chain);
        await run.EndAsync();

        paused.Should().Be(3);
        (await run.BatchesAsync("second")).Should().HaveCount(6);
    }

    [Fact]
    public async Task What_was_made_of_all_batches_is_made_again_when_a_stage_comes_later_still()
    {
        var slow = new EndingKind("slow") { Holds = _ => true };
        const string WithSlow =
            "pipeline: p\nstages: { ingest: { batch: 1, unfinished: 64 }, first: {}, second: {}, sum: {}, slow: { after: first } }";
        await using var run = new LiveRun(3, new EndingKind("first"), new EndingKind("second"), slow, new EndingKind("late"));
        await run.StartAsync(WithSlow);
        await LiveRun.UntilAsync(() => Task.FromResult(run.Sum.Times == 1));

        await run.ChangeAsync(
            TopologyFrom.Start,
            "pipeline: p\nstages: { ingest: { batch: 1, unfinished: 64 }, first: {}, late: {}, second: {}, sum: {}, slow: { after: first } }"
        );
        slow.Release();
        await run.EndAsync();

        (await run.BatchesAsync("late")).Should().HaveCount(3);
        (await run.ParentsAsync("second", 0)).Should().Contain("late");
        run.Sum.Times.Should().Be(2);
    }

    [Fact]
    public async Task Two_who_change_at_one_time_are_one_who_wins_and_one_who_is_told()
    {
        await using var run = new LiveRun(1, new EndingKind("first"), new EndingKind("second"), new EndingKind("late"));
        using var folder = new TemporaryFolder();
        var store = new Pipeline.Shards.Stores.FolderStore(folder.Path);
        var catalog = new StageCatalog([.. run.Read(Inserted).Stages.Select(stage => stage.Kind)]);
        var versions = new TopologyStore(store, () => catalog);
        await versions.BeginAsync(run.Read(LiveRun.Chain), CancellationToken.None);
        var both = new Barrier(2);

        var asked = Enumerable
            .Range(0, 2)
            .Select(who =>
                Task.Run(async () =>
                {
                    var wanted = new WantedChange(
                        $"change {who}",
                        TopologyFrom.Now,
                        _ =>
                        {
                            both.SignalAndWait(TimeSpan.FromSeconds(10));
                            return (run.Read(Inserted), []);
                        }
                    );
                    try
                    {
                        await new TopologyChange(versions, "r1").ReserveAsync(
                            wanted,
                            $"who{who}",
                            TimeProvider.System,
                            CancellationToken.None
                        );
                        return "";
                    }
                    catch (InvalidDataException told)
                    {
                        return told.Message;
                    }
                })
            );
        var answers = await Task.WhenAll(asked);

        answers.Count(answer => answer.Length == 0).Should().Be(1);
        answers
            .Should()
            .ContainSingle(answer => answer.StartsWith("Version 2 of the topology was just taken by who", StringComparison.Ordinal));
    }
}

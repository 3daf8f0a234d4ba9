using Pipeline.Shards.Stores;
using Pipeline.Stages.Failures;
using Pipeline.Stages.Flow;

namespace Pipeline.Stages.Tests.Failures;

public sealed class ReplayTests : IDisposable
{
    private const string Run = "r";
    private readonly string folder = Directory.CreateTempSubdirectory("replay-").FullName;
    private readonly FolderStore store;

    public ReplayTests() => store = new FolderStore(folder);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Record_written_over_another_counts_the_attempts_and_keeps_the_first_time()
    {
        await FailAsync("edit", 3, minute: 1);
        await FailAsync("edit", 3, minute: 9);

        var record = (await FailedBatch.ReadAllAsync(store, Run, CancellationToken.None)).Single().Record;

        record.Attempts.Should().Be(2);
        record.First.Should().Be(At(1));
        record.Last.Should().Be(At(9));
    }

    [Fact]
    public async Task Ten_replays_at_once_claim_each_batch_once()
    {
        for (var batch = 0; batch < 50; batch++)
        {
            await FailAsync("edit", batch);
        }

        var claimed = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Task.Run(() => ClaimAsync(FailureSelection.All))));

        claimed.SelectMany(batches => batches).Select(batch => batch.Record.Batch).Order().Should().Equal(Enumerable.Range(0, 50));
        var outcomes = await ReplayOutcome.ReadAllAsync(store, Run, CancellationToken.None);
        outcomes.Sum(outcome => outcome.Open).Should().Be(50);
    }

    [Fact]
    public async Task Claimed_batch_is_chosen_again_until_it_is_done_and_claimed_no_second_time()
    {
        await FailAsync("edit", 0);
        await ClaimAsync(FailureSelection.All);

        var chosen = await new Replay(store, Run, TimeProvider.System).ChooseAsync(FailureSelection.All, CancellationToken.None);
        var again = await ClaimAsync(FailureSelection.All);

        chosen.Should().ContainSingle();
        again.Should().BeEmpty();
    }

    [Fact]
    public async Task Batch_that_failed_again_can_be_claimed_again_and_its_settings_are_the_last_ones()
    {
        await FailAsync("edit", 0);
        await ClaimAsync(FailureSelection.All, "edit.strength=0.2");
        await FailAsync("edit", 0);

        var again = await ClaimAsync(FailureSelection.All, "edit.strength=0.4");

        again.Should().ContainSingle();
        (await new ReplayClaims(store).SetsAsync("edit", 0, CancellationToken.None)).Should().Equal("edit.strength=0.4");
        (await ReplayOutcome.ReadAllAsync(store, Run, CancellationToken.None))
            .Select(outcome => (outcome.FailedAgain, outcome.Open))
            .Should()
            .Equal((1, 0), (0, 1));
    }

    [Fact]
    public async Task Dropped_batch_is_chosen_no_more_and_keeps_its_settings()
    {
        await FailAsync("edit", 0);

        await ClaimAsync(FailureSelection.All, drop: true);

        (await new Replay(store, Run, TimeProvider.System).ChooseAsync(FailureSelection.All, CancellationToken.None)).Should().BeEmpty();
        (await new ReplayClaims(store).SetsAsync("edit", 0, CancellationToken.None)).Should().BeEmpty();
        (await ReplayOutcome.ReadAllAsync(store, Run, CancellationToken.None)).Single().Dropped.Should().Be(1);
    }

    [Theory]
    [InlineData("edit", null, 0, 2)]
    [InlineData(null, "IOException", 0, 2)]
    [InlineData(null, "TimeoutException", 0, 1)]
    [InlineData("edit", "TimeoutException", 0, 1)]
    [InlineData(null, null, 7, 1)]
    public async Task Batch_is_meant_when_it_passes_all_that_is_given(string? stage, string? kind, int batch, int count)
    {
        await FailAsync("caption", 5);
        await FailAsync("edit", 6);
        await FailAsync("edit", 7, kind: "TimeoutException");

        var chosen = await new Replay(store, Run, TimeProvider.System).ChooseAsync(
            new FailureSelection([], stage, kind, batch == 0 ? [] : [batch]),
            CancellationToken.None
        );

        chosen.Should().HaveCount(count);
    }

    private Task<IReadOnlyList<FailedBatch>> ClaimAsync(FailureSelection selection, string? set = null, bool drop = false) =>
        ClaimAsync(selection, new ReplayRequest("replay", drop, set is null ? [] : [set], null));

    private async Task<IReadOnlyList<FailedBatch>> ClaimAsync(FailureSelection selection, ReplayRequest request)
    {
        var replay = new Replay(store, Run, TimeProvider.System);
        var chosen = await replay.ChooseAsync(selection, CancellationToken.None);
        return await replay.ClaimAsync(chosen, request, _ => { }, CancellationToken.None);
    }

    private Task<FailureRecord> FailAsync(string stage, int batch, int minute = 0, string kind = "IOException") =>
        new FailureRecord(stage, batch, kind, "It is so.", null, 1, "") { First = At(minute), Last = At(minute) }.WriteAsync(
            store,
            Run,
            CancellationToken.None
        );

    private static DateTimeOffset At(int minute) => DateTimeOffset.UnixEpoch.AddMinutes(minute);
}

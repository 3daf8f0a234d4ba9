using Pipeline.Messages;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Tests.Transport;
using Pipeline.Stages.Transport;
using Pipeline.Stages.Transport.Embedded;

namespace Pipeline.Stages.Tests.Runs;

public sealed class KeeperTests
{
    private const string Chain = "pipeline: p\nstages: { ingest: { unfinished: 2 }, first: {}, second: {} }";
    private const string Gated = "pipeline: p\nstages: { ingest: { unfinished: 2 }, first: {}, key: {}, gated: { after: first } }";

    [Fact]
    public async Task A_stage_is_drained_when_the_total_is_known_and_its_last_outcome_came_in_whatever_came_first()
    {
        await using var kept = await KeptRun.OfAsync(Chain);

        await kept.ReadyAsync("first", 1);
        await kept.ReadyAsync("first", 0);
        await kept.ReadyAsync("ingest", 0, 1);
        var before = kept.Drained;
        await kept.ListedAsync(2);

        before.Should().BeEmpty();
        kept.Drained.Should().Equal("first");
    }

    [Fact]
    public async Task What_an_earlier_leader_said_of_a_row_stage_does_not_keep_the_books_from_saying_it_again()
    {
        await using var kept = await KeptRun.OfAsync(Chain);
        await kept.ListedAsync(2);

        await kept.DrainedAsync("first", 2);
        var early = kept.Keeper.IsDrained("first");
        await kept.ReadyAsync("first", 0, 1);

        early.Should().BeFalse();
        kept.Announced("first").Batches.Should().Be(2);
    }

    [Fact]
    public async Task An_outcome_that_comes_twice_counts_once()
    {
        await using var kept = await KeptRun.OfAsync(Chain);
        await kept.ListedAsync(2);

        await kept.ReadyAsync("first", 0, 0, 0);
        var early = kept.Drained;
        await kept.ReadyAsync("first", 1, 1);

        early.Should().BeEmpty();
        kept.Drained.Should().Equal("first");
        kept.Announced("first").Should().Match<StageDrained>(drained => drained.Batches == 2 && drained.Rows == 6);
    }

    [Fact]
    public async Task Content_of_a_drained_stage_tells_of_its_own_shards_and_of_those_before_but_not_of_arrival()
    {
        async Task<string> ContentAsync(params (int Batch, string Hash)[] batches)
        {
            await using var kept = await KeptRun.OfAsync(Chain);
            await kept.ListedAsync(2);
            foreach (var (batch, hash) in batches)
            {
                await kept.ReadyAsync("ingest", batch, hash);
                await kept.ReadyAsync("first", batch, hash);
            }

            return kept.Announced("first").Content;
        }

        var one = await ContentAsync((0, "x"), (1, "y"));

        (await ContentAsync((1, "y"), (0, "x"), (0, "x"))).Should().Be(one).And.NotBeEmpty();
        (await ContentAsync((0, "x"), (1, "z"))).Should().NotBe(one);
        (await ContentAsync((0, "y"), (1, "x"))).Should().NotBe(one);
    }

    [Fact]
    public async Task A_batch_that_failed_upstream_counts_as_finished_below()
    {
        await using var kept = await KeptRun.OfAsync(Chain, maxFailed: 50);
        await kept.ListedAsync(2);

        await kept.FailedAsync("first", 0);
        await kept.ReadyAsync("first", 1);
        var early = kept.Completed;
        await kept.ReadyAsync("second", 1);

        early.Should().BeFalse();
        kept.Completed.Should().BeTrue();
        kept.Drained.Should().Equal("first", "second");
        kept.Keeper.FailedBatches.Should().Be(1);
    }

    [Fact]
    public async Task A_replayed_batch_is_no_longer_a_failed_one()
    {
        await using var kept = await KeptRun.OfAsync(Chain);
        await kept.ListedAsync(2);

        await kept.FailedAsync("first", 0);
        await kept.ReadyAsync("first", 0);

        kept.Keeper.FailedBatches.Should().Be(0);
    }

    [Fact]
    public async Task Credit_comes_back_once_when_every_stage_has_the_batch_behind_it()
    {
        await using var kept = await KeptRun.OfAsync(Chain);
        await kept.TakeBothAsync();
        await kept.ReadyAsync("ingest", 0);

        await kept.ReadyAsync("first", 0);
        var afterFirst = kept.FreeCredits;
        await kept.ReadyAsync("second", 0, 0);

        afterFirst.Should().Be(0);
        kept.FreeCredits.Should().Be(1);
    }

    [Fact]
    public async Task Run_is_stale_when_a_failed_batch_is_done_after_its_stage_was_drained()
    {
        await using var kept = await KeptRun.OfAsync(Chain, maxFailed: 100);
        await kept.ListedAsync(1);
        await kept.FailedAsync("first", 0);
        var before = kept.Keeper.IsStale;

        await kept.ReadyAsync("first", 0);

        before.Should().BeFalse();
        kept.Keeper.IsStale.Should().BeTrue();
    }

    [Fact]
    public async Task Run_is_not_stale_when_a_batch_is_told_twice()
    {
        await using var kept = await KeptRun.OfAsync(Chain);
        await kept.ListedAsync(1);

        await kept.ReadyAsync("first", 0, 0);

        kept.Keeper.IsStale.Should().BeFalse();
    }

    [Fact]
    public async Task Credit_comes_back_for_a_batch_that_failed()
    {
        await using var kept = await KeptRun.OfAsync(Chain);
        await kept.TakeBothAsync();
        await kept.ReadyAsync("ingest", 0);

        await kept.FailedAsync("first", 0);

        kept.FreeCredits.Should().Be(1);
    }

    [Fact]
    public async Task Batches_at_a_closed_gate_count_as_finished_and_after_it_opens_they_do_not()
    {
        await using var kept = await KeptRun.OfAsync(Gated);
        await kept.TakeBothAsync();
        await kept.ReadyAsync("ingest", 0, 1);

        await kept.ReadyAsync("first", 0);
        var closed = kept.FreeCredits;
        kept.Keeper.GateOpened("gated");
        await kept.ReadyAsync("first", 1);
        var open = kept.FreeCredits;
        await kept.ReadyAsync("gated", 1);

        closed.Should().Be(1);
        open.Should().Be(1);
        kept.FreeCredits.Should().Be(2);
    }

    [Fact]
    public async Task While_the_total_is_not_known_fewer_than_3_failures_stop_nothing()
    {
        await using var kept = await KeptRun.OfAsync(Chain);

        await kept.FailedAsync("first", 0, 1);
        var two = kept.Keeper.Fault;
        await kept.FailedAsync("first", 2);

        two.Should().BeNull();
        kept.Keeper.Fault.Should().StartWith("3 of 3 batches failed; at most 5 percent may (--max-failed).");
    }

    [Fact]
    public async Task A_run_in_which_too_many_failed_drains_no_further_stage()
    {
        await using var kept = await KeptRun.OfAsync(Chain);
        await kept.ListedAsync(2);

        await kept.ReadyAsync("first", 0);
        await kept.FailedAsync("first", 1);

        kept.Keeper.Fault.Should().StartWith("1 of 2 batches failed");
        kept.Drained.Should().BeEmpty();
    }

    /// <summary>A keeper, what it announces, and the ledger that it feeds.</summary>
    private sealed class KeptRun : IAsyncDisposable
    {
        private static readonly string Exchange = RoutingKey.Exchange(ServedRun.Id);
        private readonly ServedRun run = new(samples: 0);
        private readonly EmbeddedTransport transport = new();
        private readonly BatchCredits credits = new(2);
        private readonly Ledger ledger;
        private readonly PipelineDefinition pipeline;
        private readonly List<StageDrained> announced = [];
        private Deliveries? events;

        private KeptRun(string yaml, double maxFailed)
        {
            pipeline = PipelineFile.Read(
                yaml,
                "test",
                new StageCatalog([
                    new Pipeline.Stages.Ingest.IngestKind(),
                    new WordKind("first", uri => uri),
                    new WordKind("second", uri => uri),
                    MakesArtifactKind.Key(),
                    new WordKind("gated", uri => uri, "key"),
                ]),
                []
            );
            ledger = new Ledger(Path.Combine(run.Output, "ledger.db"));
            Keeper = new Keeper(run.Site(pipeline, transport, credits), ledger, maxFailed);
        }

        public Keeper Keeper { get; }

        public bool Completed { get; private set; }

        public int FreeCredits => credits.Free;

        public IReadOnlyList<string> Drained => [.. announced.Select(drained => drained.Stage)];

        public static async Task<KeptRun> OfAsync(string yaml, double maxFailed = 5)
        {
            var kept = new KeptRun(yaml, maxFailed);
            await kept.transport.DeclareExchangeAsync(Exchange, CancellationToken.None);
            await kept.transport.DeclareQueueAsync("events", "failed", QueueForm.Shared, CancellationToken.None);
            await kept.transport.BindAsync(Exchange, "events", "event.#", CancellationToken.None);
            kept.events = await Deliveries.OfAsync(kept.transport, "events");
            return kept;
        }

        public StageDrained Announced(string stage) => announced.Single(drained => drained.Stage == stage);

        public async Task ReadyAsync(string stage, params IReadOnlyList<int> batches)
        {
            foreach (var batch in batches)
            {
                await ReadyAsync(stage, batch, "c");
            }
        }

        public Task ReadyAsync(string stage, int batch, string content) =>
            TakeAsync(
                new BatchReady
                {
                    Run = ServedRun.Id,
                    Version = 1,
                    Stage = stage,
                    Batch = batch,
                    Shards =
                    [
                        .. Chain(stage, content)
                            .Select(shard => new ShardReference(shard.Stage, $"{shard.Stage}/{batch}", shard.Content, 3)),
                    ],
                    RowsIn = 3,
                }
            );

        public async Task FailedAsync(string stage, params IReadOnlyList<int> batches)
        {
            foreach (var batch in batches)
            {
                await TakeAsync(
                    new BatchFailed
                    {
                        Run = ServedRun.Id,
                        Version = 1,
                        Stage = stage,
                        Batch = batch,
                        Shards = [],
                        Error = "E",
                        Message = "m",
                    }
                );
            }
        }

        /// <summary>Ingest has published all batches, and says so.</summary>
        public async Task ListedAsync(int batches)
        {
            await ReadyAsync("ingest", [.. Enumerable.Range(0, batches)]);
            await DrainedAsync("ingest", batches);
        }

        public Task DrainedAsync(string stage, int batches) =>
            TakeAsync(
                new StageDrained
                {
                    Run = ServedRun.Id,
                    Stage = stage,
                    Batches = batches,
                    Rows = 3L * batches,
                }
            );

        /// <summary>The shards of a batch up to a stage; the first has the content.</summary>
        private (string Stage, string Content)[] Chain(string stage, string content) =>
            [.. pipeline.Upstream(stage).Reverse().Append(stage).Select((name, index) => (name, index == 0 ? content : "c"))];

        /// <summary>As ingest does before it publishes two batches.</summary>
        public async Task TakeBothAsync()
        {
            await credits.TakeAsync(0, 0, CancellationToken.None);
            await credits.TakeAsync(1, 0, CancellationToken.None);
        }

        public async ValueTask DisposeAsync()
        {
            await (events?.DisposeAsync() ?? ValueTask.CompletedTask);
            await transport.DisposeAsync();
            ledger.Dispose();
            run.Dispose();
        }

        private async Task TakeAsync<T>(T message)
            where T : class
        {
            await Keeper.OnMessageAsync(new Given(Envelope.Of(message)), CancellationToken.None);
            await transport.PublishAsync(Exchange, "event.end", Deliveries.Message("end"), CancellationToken.None);
            while ((await events!.NextAsync()).Message is { Type: not "Text" } told)
            {
                if (told.Type == nameof(StageDrained))
                {
                    announced.Add(told.Read<StageDrained>());
                }

                Completed |= told.Type == nameof(RunCompleted);
            }
        }
    }

    private sealed class Given(Envelope message) : IDelivery
    {
        public Envelope Message => message;

        public string RoutingKey => "";

        public int Attempts => 0;

        public bool Redelivered => false;

        public ValueTask AcknowledgeAsync() => ValueTask.CompletedTask;

        public ValueTask GiveBackAsync() => ValueTask.CompletedTask;

        public ValueTask DelayAsync(TimeSpan wait) => ValueTask.CompletedTask;

        public ValueTask FailAsync(string reason) => ValueTask.CompletedTask;
    }
}

using Pipeline.Messages;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Runs.Topology;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Runs;

/// <summary>Follows a run's messages: feeds the ledger, says when a stage is drained, returns ingest's credits, says when the run is over.</summary>
/// <remarks>Every outcome may come more than once and in any order. Called by one consumer, one message after the other; gates are opened, and changes of the
/// topology followed, from elsewhere.</remarks>
public sealed class Keeper
{
    private readonly Lock state = new();
    private readonly RunSite site;
    private readonly Ledger ledger;
    private readonly string source;
    private readonly RunBooks books;
    private readonly BatchFailures failures = new();
    private readonly HashSet<string> drained = new(StringComparer.Ordinal);
    private readonly HashSet<string> closedGates;
    private readonly HashSet<int> published = [];
    private readonly HashSet<int> credited = [];
    private readonly double maxFailedPercent;
    private int? total;
    private string? fault;
    private bool completed;
    private string? stale;
    private bool begun;

    /// <summary>Begins with nothing known.</summary>
    /// <param name="site">The run.</param>
    /// <param name="ledger">Takes the outcomes.</param>
    /// <param name="maxFailedPercent">Share of batches that may fail, percent, 0 to 100; above it no further stage is drained.</param>
    public Keeper(RunSite site, Ledger ledger, double maxFailedPercent)
    {
        this.site = site;
        this.ledger = ledger;
        this.maxFailedPercent = maxFailedPercent;
        var history = site.Topology.Current;
        source = history.All.Stages.First(stage => Form(stage) == StageForm.Source).Name;
        books = new RunBooks(history);
        closedGates =
        [
            .. history.All.Stages.Where(stage => TopologyHistory.IsRow(stage) && stage.Kind.Needs.Count > 0).Select(stage => stage.Name),
        ];
    }

    /// <summary>The term for which the books are kept: what comes before its <see cref="TermBegan"/> was told in an earlier one, and counts for nothing. Null to take all.</summary>
    public string? Term { get; init; }

    /// <summary>Told of a batch whose last outcome was made from what is out of date, over one that was right: stage, and the stages from which it has to come again.</summary>
    public Func<string, int, IReadOnlyList<string>, Task> OnOverwritten { get; init; } = static (_, _, _) => Task.CompletedTask;

    /// <summary>Batches of the run; null until ingest has listed them all.</summary>
    public int? Total
    {
        get
        {
            lock (state)
            {
                return total;
            }
        }
    }

    /// <summary>Batches that ingest has published so far.</summary>
    public int Published
    {
        get
        {
            lock (state)
            {
                return published.Count;
            }
        }
    }

    /// <summary>Batches that failed in any stage that works through rows.</summary>
    public int FailedBatches
    {
        get
        {
            lock (state)
            {
                return failures.Batches;
            }
        }
    }

    /// <summary>Why the run must stop: more batches failed than may. Null while it may go on.</summary>
    public string? Fault
    {
        get
        {
            lock (state)
            {
                return fault;
            }
        }
    }

    /// <summary>True once something of a stage came after it was told to be drained: a batch that had failed was done, or the topology has more for it to do. What was
    /// made once a run from it is out of date, and the run must be led anew.</summary>
    public bool IsStale => Stale is not null;

    /// <summary>Why the run must be led anew; null while it is not stale.</summary>
    public string? Stale
    {
        get
        {
            lock (state)
            {
                return stale;
            }
        }
    }

    /// <summary>Whether nothing more will come of a stage: every batch has an outcome or, where all it makes is an artifact, that is there.</summary>
    public bool IsDrained(string stage)
    {
        lock (state)
        {
            return drained.Contains(stage);
        }
    }

    /// <summary>The artifact that a stage waited for is there: batches at its gate count as unfinished from now on, those before it do not.</summary>
    public void GateOpened(string stage)
    {
        lock (state)
        {
            closedGates.Remove(stage);
        }
    }

    /// <summary>Keeps the books by the topology as it is now.</summary>
    /// <param name="stop">Ends the call early.</param>
    public Task FollowAsync(CancellationToken stop)
    {
        IReadOnlyList<string> news;
        lock (state)
        {
            Follow();
            news = NewlyDrained();
        }

        return AnnounceAsync(news, stop);
    }

    /// <summary>What became of the batches of a stage so far.</summary>
    public StageTally Tally(string stage)
    {
        lock (state)
        {
            return books.Knows(stage) ? books.Tally(stage) with { Failed = failures.Of(stage) } : default;
        }
    }

    /// <summary>Takes one message of the run.</summary>
    /// <param name="delivery">The message; acknowledged when what follows from it is published.</param>
    /// <param name="stop">Ends the call early; the message is not acknowledged then.</param>
    public async Task OnMessageAsync(IDelivery delivery, CancellationToken stop)
    {
        if (!begun && Term is not null)
        {
            begun = delivery.Message.Type == nameof(TermBegan) && delivery.Message.Read<TermBegan>().Term == Term;
            await delivery.AcknowledgeAsync();
            return;
        }

        var news = delivery.Message.Type switch
        {
            nameof(BatchReady) => await OnReadyAsync(delivery.Message.Read<BatchReady>(), stop),
            nameof(BatchFailed) => await OnFailedAsync(delivery.Message.Read<BatchFailed>(), stop),
            nameof(StageDrained) => OnDrained(delivery.Message.Read<StageDrained>()),
            nameof(ArtifactReady) => OnArtifact(delivery.Message.Read<ArtifactReady>()),
            _ => [],
        };
        await AnnounceAsync(news, stop);
        await delivery.AcknowledgeAsync();
    }

    private static StageForm Form(StageDefinition stage) => ((IRunnableKind)stage.Kind).Form;

    private async Task AnnounceAsync(IReadOnlyList<string> news, CancellationToken stop)
    {
        foreach (var stage in news)
        {
            await PublishAsync(Drained(stage), stage, stop);
        }

        if (IsCompletedNow())
        {
            await PublishAsync(new RunCompleted { Run = site.Run, FailedBatches = FailedBatches }, site.Run, stop);
        }
    }

    private async Task<IReadOnlyList<string>> OnReadyAsync(BatchReady message, CancellationToken stop)
    {
        await site.Topology.KnowAsync(message.Version, stop);
        IReadOnlyList<string> news,
            sources = [];
        lock (state)
        {
            Follow();
            if (!books.Knows(message.Stage))
            {
                return []; // of a pipeline that this run no longer has
            }

            if (drained.Contains(message.Stage) && failures.Has(message.Stage, message.Batch))
            {
                stale ??= $"batch {message.Batch} of {message.Stage}, which had failed, was done";
            }

            if (Put(message.Stage, message.Batch, Outcome.Of(message)))
            {
                sources = [.. books.Sources(message.Stage, message.Batch)];
            }

            if (message.Stage == source)
            {
                published.Add(message.Batch);
            }

            Credit(message.Batch);
            news = NewlyDrained();
        }

        ledger.Put(
            new LedgerRow(
                message.Stage,
                message.Batch,
                "done",
                message.RowsIn,
                message.Shards[^1].Rows,
                message.Quarantined,
                message.Reused,
                null
            )
        );
        await (sources.Count > 0 ? OnOverwritten(message.Stage, message.Batch, sources) : Task.CompletedTask);
        return news;
    }

    private async Task<IReadOnlyList<string>> OnFailedAsync(BatchFailed message, CancellationToken stop)
    {
        await site.Topology.KnowAsync(message.Version, stop);
        IReadOnlyList<string> news;
        lock (state)
        {
            Follow();
            if (!books.Knows(message.Stage))
            {
                return [];
            }

            if (!books.TryFind(message.Stage, message.Batch, out var known) || known.IsFailed)
            {
                Put(message.Stage, message.Batch, Outcome.Of(message));
            }

            if (books.IsRow(message.Stage))
            {
                failures.Add(message.Stage, message.Batch);
            }

            Credit(message.Batch);
            news = NewlyDrained();
        }

        ledger.Put(new LedgerRow(message.Stage, message.Batch, "failed", 0, 0, 0, false, $"{message.Error}: {message.Message}"));
        return news;
    }

    private string[] OnDrained(StageDrained message)
    {
        lock (state)
        {
            Follow();
            // Of a row stage the books tell; a message may be of an earlier leader, whose word those who follow have already had.
            // What works over the whole run and was done before it had all that it follows comes again; what makes an artifact may not need all.
            var stage = books.History.All.Find(message.Stage);
            if (stage is not null && !TopologyHistory.IsRow(stage) && (stage.Kind.Makes is not null || stage.After.All(drained.Contains)))
            {
                drained.Add(message.Stage);
            }

            if (message.Stage == source)
            {
                total = message.Batches;
            }

            return NewlyDrained();
        }
    }

    private string[] OnArtifact(ArtifactReady message)
    {
        lock (state)
        {
            if (site.Pipeline.Find(message.Stage) is { } maker && Form(maker) == StageForm.Artifact)
            {
                drained.Add(message.Stage);
            }

            return [];
        }
    }

    /// <summary>What has more to do than when it was told to be drained makes the run stale.</summary>
    private void Follow()
    {
        if (!ReferenceEquals(books.History, site.Topology.Current))
        {
            books.Follow(site.Topology.Current);
            LookForMore();
        }
    }

    private void LookForMore()
    {
        var rows = books.History.All.Stages.Where(TopologyHistory.IsRow).Select(stage => stage.Name);
        if (stale is null && rows.FirstOrDefault(stage => drained.Contains(stage) && !books.IsClosed(stage)) is { } more)
        {
            stale = $"{more} has more to do";
        }
    }

    private bool Put(string stage, int batch, Outcome outcome)
    {
        failures.Remove(stage, batch);
        var overwritten = books.Put(stage, batch, outcome);
        LookForMore();
        return overwritten;
    }

    /// <summary>The row stages whose last outcome has just come in.</summary>
    private string[] NewlyDrained()
    {
        CheckFailures();
        if (total is not { } all || fault is not null || books.Count(source) < all)
        {
            return [];
        }

        var found = books
            .History.All.Stages.Where(TopologyHistory.IsRow)
            .Select(stage => stage.Name)
            .Where(stage => !drained.Contains(stage) && books.IsClosed(stage))
            .ToArray();
        drained.UnionWith(found);
        return found;
    }

    private void CheckFailures() => fault ??= failures.Fault(site.Run, maxFailedPercent, total, published.Count);

    /// <summary>A batch is finished when no stage has still to take it but at a closed gate.</summary>
    private void Credit(int batch)
    {
        if (published.Contains(batch) && books.Open(batch).All(closedGates.Contains) && credited.Add(batch))
        {
            site.Credits.Return(batch);
        }
    }

    private StageDrained Drained(string stage)
    {
        lock (state)
        {
            return new StageDrained
            {
                Run = site.Run,
                Stage = stage,
                Batches = books.Count(stage),
                Rows = books.Tally(stage).Rows,
                Content = books.Content(stage),
            };
        }
    }

    private bool IsCompletedNow()
    {
        lock (state)
        {
            var now = !completed && fault is null && books.History.All.Stages.All(stage => drained.Contains(stage.Name));
            completed |= now;
            return now;
        }
    }

    private ValueTask PublishAsync<T>(T message, string subject, CancellationToken stop)
        where T : class =>
        site.Transport.PublishAsync(RoutingKey.Exchange(site.Run), RoutingKey.Event(typeof(T).Name, subject), Envelope.Of(message), stop);
}

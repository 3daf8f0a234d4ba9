using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Pipeline.Messages;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Runs;

/// <summary>Follows a run's messages: feeds the ledger, says when a stage is drained, returns ingest's credits, says when the run is over.</summary>
/// <remarks>Every outcome may come more than once and in any order. Called by one consumer, one message after the other; gates are opened from elsewhere.</remarks>
public sealed class Keeper
{
    private static readonly Outcome Failed = new(UInt128.Zero, 0, 0, false);
    private const int FewBatches = 3; // while it is not known how many there will be, a first failure is not yet a failing run
    private readonly Lock state = new();
    private readonly RunSite site;
    private readonly Ledger ledger;
    private readonly string source;
    private readonly Dictionary<string, StageDefinition> rowStages;
    private readonly Dictionary<string, Dictionary<int, Outcome>> outcomes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<string>> upstream = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<int>> failures = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StageTally> tallies = new(StringComparer.Ordinal);
    private readonly HashSet<string> drained = new(StringComparer.Ordinal);
    private readonly HashSet<string> closedGates;
    private readonly HashSet<int> published = [];
    private readonly HashSet<int> credited = [];
    private readonly double maxFailedPercent;
    private int? total;
    private string? fault;
    private bool completed;
    private bool isStale;

    /// <summary>Begins with nothing known.</summary>
    /// <param name="site">The run.</param>
    /// <param name="ledger">Takes the outcomes.</param>
    /// <param name="maxFailedPercent">Share of batches that may fail, percent, 0 to 100; above it no further stage is drained.</param>
    public Keeper(RunSite site, Ledger ledger, double maxFailedPercent)
    {
        this.site = site;
        this.ledger = ledger;
        this.maxFailedPercent = maxFailedPercent;
        var stages = site.Pipeline.Stages;
        source = stages.First(stage => Form(stage) == StageForm.Source).Name;
        rowStages = stages.Where(stage => Form(stage) == StageForm.Rows).ToDictionary(stage => stage.Name, StringComparer.Ordinal);
        closedGates = [.. rowStages.Values.Where(stage => stage.Kind.Needs.Count > 0).Select(stage => stage.Name)];
        foreach (var stage in stages)
        {
            outcomes[stage.Name] = [];
            failures[stage.Name] = [];
            upstream[stage.Name] = site.Pipeline.Upstream(stage.Name);
            tallies[stage.Name] = new StageTally(0, 0, 0, 0, 0);
        }
    }

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
                return CountFailed();
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

    /// <summary>True once a batch that had failed was done after its stage was told to be drained: what was made once a run from it is out of date, and the run must be led anew.</summary>
    public bool IsStale
    {
        get
        {
            lock (state)
            {
                return isStale;
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

    /// <summary>What became of the batches of a stage so far.</summary>
    public StageTally Tally(string stage)
    {
        lock (state)
        {
            return tallies[stage] with { Failed = failures[stage].Count };
        }
    }

    /// <summary>Takes one message of the run.</summary>
    /// <param name="delivery">The message; acknowledged when what follows from it is published.</param>
    /// <param name="stop">Ends the call early; the message is not acknowledged then.</param>
    public async Task OnMessageAsync(IDelivery delivery, CancellationToken stop)
    {
        var news = delivery.Message.Type switch
        {
            nameof(BatchReady) => OnReady(delivery.Message.Read<BatchReady>()),
            nameof(BatchFailed) => OnFailed(delivery.Message.Read<BatchFailed>()),
            nameof(StageDrained) => OnDrained(delivery.Message.Read<StageDrained>()),
            nameof(ArtifactReady) => OnArtifact(delivery.Message.Read<ArtifactReady>()),
            _ => [],
        };
        foreach (var stage in news)
        {
            await PublishAsync(Drained(stage), stage, stop);
        }

        if (IsCompletedNow())
        {
            await PublishAsync(new RunCompleted { Run = site.Run, FailedBatches = FailedBatches }, site.Run, stop);
        }

        await delivery.AcknowledgeAsync();
    }

    private static StageForm Form(StageDefinition stage) => ((IRunnableKind)stage.Kind).Form;

    private string[] OnReady(BatchReady message)
    {
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
        lock (state)
        {
            var outcome = new Outcome(Content(message.Shards), message.Shards[^1].Rows, message.Quarantined, message.Reused);
            isStale |= drained.Contains(message.Stage) && failures[message.Stage].Contains(message.Batch);
            Put(message.Stage, message.Batch, outcome);
            if (message.Stage == source)
            {
                published.Add(message.Batch);
            }

            Credit(message.Batch);
            return NewlyDrained();
        }
    }

    private string[] OnFailed(BatchFailed message)
    {
        ledger.Put(new LedgerRow(message.Stage, message.Batch, "failed", 0, 0, 0, false, $"{message.Error}: {message.Message}"));
        lock (state)
        {
            if (!outcomes[message.Stage].TryGetValue(message.Batch, out var known) || known == Failed)
            {
                Put(message.Stage, message.Batch, Failed);
            }

            failures[message.Stage].Add(message.Batch);
            Credit(message.Batch);
            return NewlyDrained();
        }
    }

    private string[] OnDrained(StageDrained message)
    {
        lock (state)
        {
            // Of a row stage the books tell; a message may be of an earlier leader, whose word those who follow have already had.
            if (!rowStages.ContainsKey(message.Stage))
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
            if (site.Pipeline.Stages.First(stage => stage.Name == message.Stage) is { } maker && Form(maker) == StageForm.Artifact)
            {
                drained.Add(message.Stage);
            }

            return [];
        }
    }

    private void Put(string stage, int batch, Outcome outcome)
    {
        failures[stage].Remove(batch);
        if (outcomes[stage].TryGetValue(batch, out var before))
        {
            tallies[stage] = tallies[stage].Less(before);
        }

        outcomes[stage][batch] = outcome;
        tallies[stage] = tallies[stage].With(outcome);
    }

    /// <summary>The row stages whose last outcome has just come in.</summary>
    private string[] NewlyDrained()
    {
        CheckFailures();
        if (total is not { } all || fault is not null)
        {
            return [];
        }

        var found = rowStages
            .Keys.Where(stage => !drained.Contains(stage))
            .Where(stage => outcomes[stage].Count + FailedBefore(stage).Count(batch => !outcomes[stage].ContainsKey(batch)) >= all)
            .ToArray();
        drained.UnionWith(found);
        return found;
    }

    private int CountFailed() => rowStages.Keys.SelectMany(stage => failures[stage]).Distinct().Count();

    private void CheckFailures()
    {
        var failed = CountFailed();
        if (failed < (total is null ? FewBatches : 1))
        {
            return;
        }

        var known = total ?? Math.Max(published.Count, FewBatches);
        if (100.0 * failed > maxFailedPercent * known)
        {
            fault ??= string.Create(
                CultureInfo.InvariantCulture,
                $"{failed} of {known} batches failed; at most {maxFailedPercent} percent may (--max-failed). Look at runs/{site.Run}/*/*.failed.json, mend the cause and run the same command again."
            );
        }
    }

    private HashSet<int> FailedBefore(string stage) => [.. upstream[stage].SelectMany(before => failures[before])];

    private void Credit(int batch)
    {
        if (credited.Contains(batch) || !published.Contains(batch))
        {
            return;
        }

        var finished = rowStages.Keys.All(stage =>
            outcomes[stage].ContainsKey(batch)
            || closedGates.Contains(stage)
            || upstream[stage].Any(before => closedGates.Contains(before) || failures[before].Contains(batch))
        );
        if (finished)
        {
            credited.Add(batch);
            site.Credits.Return(batch);
        }
    }

    private StageDrained Drained(string stage)
    {
        lock (state)
        {
            var content = new XxHash128();
            foreach (var (batch, outcome) in outcomes[stage].OrderBy(outcome => outcome.Key))
            {
                content.Append(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{batch}:{outcome.Content:x32}\n")));
            }

            return new StageDrained
            {
                Run = site.Run,
                Stage = stage,
                Batches = outcomes[stage].Count,
                Rows = tallies[stage].Rows,
                Content = Convert.ToHexStringLower(content.GetCurrentHash()),
            };
        }
    }

    private bool IsCompletedNow()
    {
        lock (state)
        {
            var now = !completed && fault is null && drained.Count == site.Pipeline.Stages.Count;
            completed |= now;
            return now;
        }
    }

    /// <summary>Of all the shards that a batch has so far, so that it tells of the stages before too.</summary>
    private static UInt128 Content(IReadOnlyList<ShardReference> shards) =>
        XxHash128.HashToUInt128(Encoding.UTF8.GetBytes(string.Join('/', shards.Select(shard => shard.Content))));

    private ValueTask PublishAsync<T>(T message, string subject, CancellationToken stop)
        where T : class =>
        site.Transport.PublishAsync(RoutingKey.Exchange(site.Run), RoutingKey.Event(typeof(T).Name, subject), Envelope.Of(message), stop);
}

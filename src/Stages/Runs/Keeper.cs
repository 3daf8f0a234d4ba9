using Pipeline.Messages;
using Pipeline.Stages.Runs.Definition;
using Pipeline.Stages.Transport;

namespace Pipeline.Stages.Runs;

/// <summary>Follows a run's messages: feeds the ledger, says when a stage is drained, returns ingest's credits, says when the run is over.</summary>
/// <remarks>Every outcome may come more than once and in any order. Called by one consumer, one message after the other; gates are opened from elsewhere.</remarks>
public sealed class Keeper
{
    private readonly Lock state = new();
    private readonly RunSite site;
    private readonly Ledger ledger;
    private readonly string source;
    private readonly Dictionary<string, StageDefinition> rowStages;
    private readonly Dictionary<string, HashSet<int>> outcomes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<int>> failures = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> rows = new(StringComparer.Ordinal);
    private readonly HashSet<string> drained = new(StringComparer.Ordinal);
    private readonly HashSet<string> closedGates;
    private readonly HashSet<int> published = [];
    private readonly HashSet<int> credited = [];
    private int? total;

    /// <summary>Begins with nothing known.</summary>
    /// <param name="site">The run.</param>
    /// <param name="ledger">Takes the outcomes.</param>
    public Keeper(RunSite site, Ledger ledger)
    {
        this.site = site;
        this.ledger = ledger;
        var stages = site.Pipeline.Stages;
        source = stages.First(stage => Form(stage) == StageForm.Source).Name;
        rowStages = stages.Where(stage => Form(stage) == StageForm.Rows).ToDictionary(stage => stage.Name, StringComparer.Ordinal);
        closedGates = [.. rowStages.Values.Where(stage => stage.Kind.Needs.Count > 0).Select(stage => stage.Name)];
        foreach (var stage in stages)
        {
            outcomes[stage.Name] = [];
            failures[stage.Name] = [];
            rows[stage.Name] = 0;
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

    /// <summary>Batches that failed in any stage.</summary>
    public int FailedBatches
    {
        get
        {
            lock (state)
            {
                return failures.Values.SelectMany(batches => batches).Distinct().Count();
            }
        }
    }

    /// <summary>Stages that are drained.</summary>
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

    /// <summary>Takes one message of the run.</summary>
    public async Task OnMessageAsync(IDelivery delivery)
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
            await PublishAsync(
                new StageDrained
                {
                    Run = site.Run,
                    Stage = stage,
                    Batches = outcomes[stage].Count,
                    Rows = rows[stage],
                },
                stage
            );
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
            failures[message.Stage].Remove(message.Batch);
            if (outcomes[message.Stage].Add(message.Batch))
            {
                rows[message.Stage] += message.Shards[^1].Rows;
            }

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
            failures[message.Stage].Add(message.Batch);
            outcomes[message.Stage].Add(message.Batch);
            Credit(message.Batch);
            return NewlyDrained();
        }
    }

    private string[] OnDrained(StageDrained message)
    {
        lock (state)
        {
            drained.Add(message.Stage);
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

    /// <summary>The row stages whose last outcome has just come in.</summary>
    private string[] NewlyDrained()
    {
        if (total is not { } all)
        {
            return [];
        }

        var found = rowStages
            .Keys.Where(stage => !drained.Contains(stage))
            .Where(stage => outcomes[stage].Count + FailedBefore(stage).Count(batch => !outcomes[stage].Contains(batch)) >= all)
            .ToArray();
        drained.UnionWith(found);
        return found;
    }

    private HashSet<int> FailedBefore(string stage) => [.. Upstream(stage).SelectMany(before => failures[before])];

    private IEnumerable<string> Upstream(string stage) =>
        rowStages.TryGetValue(stage, out var definition)
            ? definition.After.SelectMany(after => Upstream(after).Prepend(after)).Distinct(StringComparer.Ordinal)
            : [];

    private void Credit(int batch)
    {
        if (credited.Contains(batch) || !published.Contains(batch))
        {
            return;
        }

        var finished = rowStages.Keys.All(stage =>
            outcomes[stage].Contains(batch)
            || closedGates.Contains(stage)
            || Upstream(stage).Any(before => closedGates.Contains(before) || failures[before].Contains(batch))
        );
        if (finished)
        {
            credited.Add(batch);
            site.Credits.Return();
        }
    }

    private ValueTask PublishAsync(StageDrained message, string stage) =>
        site.Transport.PublishAsync(
            RoutingKey.Exchange(site.Run),
            RoutingKey.Event(nameof(StageDrained), stage),
            Envelope.Of(message),
            CancellationToken.None
        );
}

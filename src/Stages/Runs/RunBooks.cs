using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Pipeline.Stages.Runs.Topology;

namespace Pipeline.Stages.Runs;

/// <summary>The books of a run: what became of each batch in each stage, and which stages have still to take it.</summary>
/// <remarks>A stage has to take a batch when one that it follows, by the plan of the batch's version, is done with it. It has taken it when its outcome was made from
/// what that one wrote last, with the settings that hold; so an outcome that came on a way that the batch no longer has counts for nothing. Not safe for several threads.</remarks>
internal sealed class RunBooks
{
    private readonly Dictionary<string, Dictionary<int, Outcome>> outcomes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<int>> open = new(StringComparer.Ordinal);
    private readonly Dictionary<int, HashSet<string>> openOf = [];
    private readonly Dictionary<string, StageTally> tallies = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlySet<string>> before = new(StringComparer.Ordinal);

    /// <summary>Begins empty.</summary>
    public RunBooks(TopologyHistory history)
    {
        History = history;
        Follow(history);
    }

    /// <summary>The topology by which they are kept.</summary>
    public TopologyHistory History { get; private set; }

    /// <summary>Keeps them by a newer topology: what is to be taken is found anew.</summary>
    public void Follow(TopologyHistory history)
    {
        History = history;
        before.Clear();
        openOf.Clear();
        foreach (var stage in history.All.Stages.Select(stage => stage.Name))
        {
            outcomes.TryAdd(stage, []);
            tallies.TryAdd(stage, new StageTally(0, 0, 0, 0, 0));
            open[stage] = [];
            before[stage] = history.Before(stage);
        }

        foreach (var (stage, batch, outcome) in All().ToList())
        {
            Look(stage, batch, outcome);
        }
    }

    /// <summary>Whether the run has or had the stage.</summary>
    public bool Knows(string stage) => before.ContainsKey(stage);

    /// <summary>Whether it is a stage that works through rows.</summary>
    public bool IsRow(string stage) => History.All.Find(stage) is { } found && TopologyHistory.IsRow(found);

    /// <summary>The outcome of a batch, if there is one.</summary>
    public bool TryFind(string stage, int batch, out Outcome outcome) => outcomes[stage].TryGetValue(batch, out outcome);

    /// <summary>Batches of a stage with an outcome.</summary>
    public int Count(string stage) => outcomes[stage].Count;

    /// <summary>What became of a stage's batches.</summary>
    public StageTally Tally(string stage) => tallies[stage];

    /// <summary>The stages that have still to take a batch.</summary>
    public IReadOnlySet<string> Open(int batch) => openOf.TryGetValue(batch, out var stages) ? stages : new HashSet<string>();

    /// <summary>Whether nothing is open in a stage, nor before it.</summary>
    public bool IsClosed(string stage) =>
        open[stage].Count == 0 && before[stage].All(name => !open.TryGetValue(name, out var batches) || batches.Count == 0);

    /// <summary>Notes an outcome; a later one of the same batch takes its place.</summary>
    /// <returns>True when it took the place of one that counted and does not count itself: what it wrote has to be made again.</returns>
    public bool Put(string stage, int batch, Outcome outcome)
    {
        var counted = Counts(stage, batch);
        if (outcomes[stage].TryGetValue(batch, out var old))
        {
            tallies[stage] = tallies[stage].Less(old);
        }

        outcomes[stage][batch] = outcome;
        tallies[stage] = tallies[stage].With(outcome);
        Look(stage, batch, outcome);
        return counted && Waits(stage, batch);
    }

    /// <summary>The stages from which one has to take a batch, as it is now.</summary>
    public IEnumerable<string> Sources(string stage, int batch) => before[stage].Where(name => Leads(name, stage, batch));

    /// <summary>Hash of what a stage and those before it wrote, whatever came first.</summary>
    public string Content(string stage)
    {
        var content = new XxHash128();
        foreach (var (batch, outcome) in outcomes[stage].OrderBy(outcome => outcome.Key))
        {
            content.Append(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{batch}:{outcome.Content:x32}\n")));
        }

        return Convert.ToHexStringLower(content.GetCurrentHash());
    }

    private IEnumerable<(string Stage, int Batch, Outcome Outcome)> All() =>
        outcomes.Where(stage => Knows(stage.Key)).SelectMany(stage => stage.Value.Select(each => (stage.Key, each.Key, each.Value)));

    /// <summary>Finds anew whether a batch is open in a stage and in those that follow it.</summary>
    private void Look(string stage, int batch, Outcome outcome)
    {
        Look(stage, batch);
        foreach (var next in outcome.IsFailed ? [] : History.Next(stage, outcome.Version))
        {
            Look(next, batch);
        }
    }

    private void Look(string stage, int batch)
    {
        if (Waits(stage, batch))
        {
            open[stage].Add(batch);
            if (!openOf.TryGetValue(batch, out var stages))
            {
                openOf[batch] = stages = new HashSet<string>(StringComparer.Ordinal);
            }

            stages.Add(stage);
        }
        else if (open[stage].Remove(batch) && openOf.TryGetValue(batch, out var stages) && stages.Remove(stage) && stages.Count == 0)
        {
            openOf.Remove(batch);
        }
    }

    private bool Waits(string stage, int batch) => !Counts(stage, batch) && before[stage].Any(name => Leads(name, stage, batch));

    /// <summary>Whether the outcome of a batch was made from what the stage before wrote last.</summary>
    private bool Counts(string stage, int batch) =>
        outcomes[stage].TryGetValue(batch, out var outcome)
        && !IsOld(stage, outcome)
        && (outcome.From is not { } from || (Leads(from.Stage, stage, batch) && outcomes[from.Stage][batch].Own == from.Content));

    /// <summary>Whether whoever made it did not know that the stage's settings were changed from the start.</summary>
    private bool IsOld(string stage, Outcome outcome) => outcome.Newest > 0 && outcome.Newest < History.SetAt(stage, outcome.Version);

    /// <summary>Whether a batch is done in one stage and goes from there to another.</summary>
    private bool Leads(string from, string stage, int batch) =>
        outcomes.TryGetValue(from, out var done)
        && done.TryGetValue(batch, out var outcome)
        && !outcome.IsFailed
        && History.Follows(stage, from, outcome.Version);
}

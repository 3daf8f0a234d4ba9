using System.Globalization;

namespace Pipeline.Stages.Runs;

/// <summary>The batches of a run that failed in stages that work through rows, and whether there are too many. Not safe for several threads.</summary>
internal sealed class BatchFailures
{
    private const int FewBatches = 3; // while it is not known how many there will be, a first failure is not yet a failing run
    private readonly Dictionary<string, HashSet<int>> byStage = new(StringComparer.Ordinal);

    /// <summary>Batches that failed in any stage, each counted once.</summary>
    public int Batches => byStage.Values.SelectMany(batches => batches).Distinct().Count();

    /// <summary>Batches that failed in a stage.</summary>
    public int Of(string stage) => byStage.TryGetValue(stage, out var batches) ? batches.Count : 0;

    /// <summary>Whether a batch is failed in a stage.</summary>
    public bool Has(string stage, int batch) => byStage.TryGetValue(stage, out var batches) && batches.Contains(batch);

    /// <summary>Notes that a batch failed.</summary>
    public void Add(string stage, int batch)
    {
        if (!byStage.TryGetValue(stage, out var batches))
        {
            byStage[stage] = batches = [];
        }

        batches.Add(batch);
    }

    /// <summary>Notes that a batch is failed no longer, if it was.</summary>
    public void Remove(string stage, int batch) => byStage.GetValueOrDefault(stage)?.Remove(batch);

    /// <summary>Why the run must stop; null while as few failed as may.</summary>
    /// <param name="run">The run's id.</param>
    /// <param name="mostPercent">Share of batches that may fail, percent.</param>
    /// <param name="total">Batches of the run; null while it is not known.</param>
    /// <param name="published">Batches that were published so far.</param>
    public string? Fault(string run, double mostPercent, int? total, int published)
    {
        var (failed, known) = (Batches, total ?? Math.Max(published, FewBatches));
        return failed >= (total is null ? FewBatches : 1) && 100.0 * failed > mostPercent * known
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{failed} of {known} batches failed; at most {mostPercent} percent may (--max-failed). Look at runs/{run}/*/*.failed.json, mend the cause and run the same command again."
            )
            : null;
    }
}

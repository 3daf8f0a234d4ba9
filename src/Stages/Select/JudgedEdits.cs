using Pipeline.Shards;
using Pipeline.Stages.Runs;
using Pipeline.Stages.Runs.Definition;

namespace Pipeline.Stages.Select;

/// <summary>Gathers, batch by batch, the edits that every stage before has seen, each with the first reason against it.</summary>
internal sealed class JudgedEdits
{
    /// <summary>The stage that makes the edits.</summary>
    public const string Maker = "edit";

    /// <summary>The stages whose verdicts count, in the order in which reasons are given.</summary>
    public static readonly IReadOnlyList<string> Judges = ["safety", "duplicates", "semantic", "filter", "quality", "giqa"];

    private const string Keep = "keep";
    private readonly IReadOnlyDictionary<string, string> leftOut;
    private readonly List<(string Stage, bool IsWhole)> stages;
    private readonly Func<string, int, CancellationToken, Task<ShardTable?>> read;
    private readonly Func<string, CancellationToken, Task<IReadOnlyList<int>>> failedBatches;
    private readonly Dictionary<string, IReadOnlySet<int>> failed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, string>> ofWholeRun = new(StringComparer.Ordinal);

    /// <summary>For one selection.</summary>
    /// <param name="pipeline">Its pipeline.</param>
    /// <param name="stage">The selecting stage.</param>
    /// <param name="leftOut">Originals that are left out, with the reason.</param>
    /// <param name="read">The columns of a stage's shard; null where it wrote none.</param>
    /// <param name="failedBatches">Batches that failed in a stage.</param>
    public JudgedEdits(
        PipelineDefinition pipeline,
        string stage,
        IReadOnlyDictionary<string, string> leftOut,
        Func<string, int, CancellationToken, Task<ShardTable?>> read,
        Func<string, CancellationToken, Task<IReadOnlyList<int>>> failedBatches
    )
    {
        (this.leftOut, this.read, this.failedBatches) = (leftOut, read, failedBatches);
        var upstream = pipeline.Upstream(stage).ToHashSet(StringComparer.Ordinal);
        stages =
        [
            .. pipeline
                .Stages.Where(other => upstream.Contains(other.Name) && other.Name != Maker && other.Kind.Adds.Contains("variant_id"))
                .Select(other => (other.Name, other.Kind is IRunnableKind { Form: StageForm.Whole })),
        ];
    }

    /// <summary>The edits of a batch that no stage set aside; those of a batch that failed anywhere are not among them.</summary>
    public async Task<IReadOnlyList<Candidate>> OfBatchAsync(int batch, Func<string, int> label, CancellationToken stop)
    {
        if (await read(Maker, batch, stop) is not { } edits)
        {
            return [];
        }

        var seen = new List<Dictionary<string, string>>();
        var verdicts = new Dictionary<string, Dictionary<string, string>>(StringComparer.Ordinal);
        foreach (var (stage, isWhole) in stages)
        {
            if (isWhole)
            {
                verdicts[stage] = await OfWholeRunAsync(stage, stop);
            }
            else if (await read(stage, batch, stop) is { } table)
            {
                var rows = Verdicts(table);
                seen.Add(rows);
                verdicts[stage] = rows;
            }
            else if (await HasFailedAsync(stage, batch, stop))
            {
                return [];
            }
        }

        var (samples, variants, numbers) = (edits.Get<string>("sample_id"), edits.Get<string>("variant_id"), edits.Get<int>("variant"));
        return
        [
            .. Enumerable
                .Range(0, variants.Length)
                .Where(row => seen.TrueForAll(rows => rows.ContainsKey(variants[row])))
                .Select(row => new Candidate(
                    samples[row],
                    variants[row],
                    label(samples[row]),
                    numbers[row],
                    batch,
                    Reason(samples[row], variants[row], verdicts)
                )),
        ];
    }

    private string Reason(string sample, string variant, Dictionary<string, Dictionary<string, string>> verdicts) =>
        leftOut.TryGetValue(sample, out var reason)
            ? DropReasons.OfSource + reason
            : Judges
                .Select(judge => verdicts.GetValueOrDefault(judge)?.GetValueOrDefault(variant, Keep) ?? Keep)
                .FirstOrDefault(verdict => verdict != Keep, Keep);

    private async Task<Dictionary<string, string>> OfWholeRunAsync(string stage, CancellationToken stop)
    {
        if (!ofWholeRun.TryGetValue(stage, out var verdicts))
        {
            ofWholeRun[stage] = verdicts = await read(stage, 0, stop) is { } table ? Verdicts(table) : new(StringComparer.Ordinal);
        }

        return verdicts;
    }

    private async Task<bool> HasFailedAsync(string stage, int batch, CancellationToken stop)
    {
        if (!failed.TryGetValue(stage, out var batches))
        {
            failed[stage] = batches = (await failedBatches(stage, stop)).ToHashSet();
        }

        return batches.Contains(batch);
    }

    /// <summary>Verdicts by variant; of a stage without verdicts every one is to keep.</summary>
    private static Dictionary<string, string> Verdicts(ShardTable table)
    {
        var variants = table.Get<string?>("variant_id");
        var verdicts = table.Find("verdict") is ShardColumn<string> column ? column.Values : null;
        var found = new Dictionary<string, string>(variants.Length, StringComparer.Ordinal);
        for (var row = 0; row < variants.Length; row++)
        {
            if (variants[row] is { } variant)
            {
                found[variant] = verdicts?[row] ?? Keep;
            }
        }

        return found;
    }
}
